// What this browser remembers between visits; private windows may refuse.

interface Remembered {
  theme: string
  name: string // in a class
  folds: Readonly<Record<string, boolean>>
}

export function recall<K extends keyof Remembered>(key: K): Remembered[K] | null {
  try {
    return JSON.parse(localStorage.getItem(`gandyn.${key}`) ?? "null") as Remembered[K] | null
  } catch {
    return null
  }
}

export function remember<K extends keyof Remembered>(key: K, value: Remembered[K]): void {
  try {
    localStorage.setItem(`gandyn.${key}`, JSON.stringify(value))
  } catch { /* refused */ }
}
