// A file of points on its way to the server, in pieces: the socket of the page takes no large messages.

import type {Answer, Piece} from "../messages.ts"

const PIECE = 2 ** 20 // bytes
export const LARGEST = 64 * PIECE

type Place = {readonly [name in keyof PlaceOf]: string} // numbers stand as text in a query
type PlaceOf = Omit<Piece, "run">

/**
 * Sends a file, and resolves with what the server says of it: one line. `progress(share)`: of the file that has arrived.
 */
export async function upload(
  to: string, name: string, data: Blob, progress: (share: number) => void, send: typeof fetch = fetch,
): Promise<Answer> {
  if (data.size > LARGEST) return {error: `${name} has ${Math.ceil(data.size / PIECE)} MB, and at most ${LARGEST / PIECE} are read`}
  const count = Math.max(1, Math.ceil(data.size / PIECE))
  const id = crypto.getRandomValues(new Uint32Array(2)).join("-")
  let answer: Answer = {}
  for (let part = 0; part < count; part++) {
    const place: Place = {upload: id, name, part: String(part), of: String(count)}
    const query = new URLSearchParams(place).toString()
    const body = data.slice(part * PIECE, (part + 1) * PIECE)
    try {
      const response = await send(`${to}&${query}`, {
        method: "POST", body, headers: {"Content-Type": "application/octet-stream"},
      })
      answer = await response.json() as Answer
    } catch {
      return {error: `${name} did not arrive: is the server still there?`}
    }
    if (answer.error) return answer
    progress((part + 1) / count)
  }
  return answer
}
