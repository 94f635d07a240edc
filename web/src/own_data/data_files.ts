// Files of points that are dropped on the page: who drops and who takes know each other by the document alone.

import type {BokehDocument} from "../bokeh/bokeh.ts"

const takers = new WeakMap<BokehDocument, (file: File) => void>()

export const isData = (name: string): boolean => /\.(csv|tsv|txt|npy)$/i.test(name)

export function takeData(document: BokehDocument, take: (file: File) => void): void {
  takers.set(document, take)
}

export function giveData(document: BokehDocument, file: File): void {
  takers.get(document)?.(file)
}
