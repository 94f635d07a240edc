/** The runs of a comparison are A, B, C, D. */
export const letter = (place: number): string => String.fromCharCode(65 + place)
