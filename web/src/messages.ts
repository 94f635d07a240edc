// Made of gandyn/ui/messages.py by scripts/web.py: edit it there. A number that is not finite is null.

/** The page is there, and shows these layers. */
export interface Hello {
  readonly type: "hello"
  readonly layers: readonly string[]
}

/** A frame has been painted; the page wants the next, with these layers. */
export interface Ack {
  readonly type: "ack"
  readonly id: number
  readonly layers: readonly string[]
}

export type FromViewer = Hello | Ack

export type CommandName = "again" | "back" | "bookmark" | "critic" | "generator" | "new-seed" | "pause" | "pin" | "pinned" | "play" | "redo" | "reset" | "rewind" | "step" | "undo"

/** A button or a key: see Session.command. */
export interface Command {
  readonly type: "command"
  readonly name: "again" | "back" | "bookmark" | "critic" | "generator" | "new-seed" | "pause" | "pin" | "pinned" | "play" | "redo" | "reset" | "rewind" | "step" | "undo"
}

/** Stand at a step of the past, of the first run, on its line of this number (none: that on which it stands). */
export interface Look {
  readonly type: "look"
  readonly step: number
  readonly line?: number
}

/** Mark a step, or unmark it. */
export interface Bookmark {
  readonly type: "bookmark"
  readonly step: number
  readonly line: number
}

/** Let the controls be for one of the runs, or for all (null). */
export interface Steer {
  readonly type: "steer"
  readonly run: number | null
}

/** Take a run out of the comparison. */
export interface Dismiss {
  readonly type: "dismiss"
  readonly run: number
}

/** Put a run beside the first that differs in these controls, from step 0 on or from `here`. */
export interface Compare {
  readonly type: "compare"
  readonly controls: Readonly<Record<string, unknown>>
  readonly here: boolean
}

/** Put a run beside the one that is steered in which this control has another value. */
export interface CompareControl {
  readonly type: "compare-control"
  readonly control: string
}

/** Another target, by its controls: what was drawn, or moved. */
export interface ChangeTarget {
  readonly type: "change-target"
  readonly controls: Readonly<Record<string, unknown>>
}

/** Go on with what this tab showed before: by its id, or from its last moment if the server has let go of it. */
export interface Resume {
  readonly type: "resume"
  readonly run: string
  readonly moment?: string
  readonly step?: number
  readonly playing?: boolean
}

/** Send the moment, for the page to go on from should the server lose it. */
export interface Keep {
  readonly type: "keep"
}

/** Go on with a saved session: a part of the text of its file, the first of which is number 0. */
export interface OpenFile {
  readonly type: "open-file"
  readonly text: string
  readonly part?: number
  readonly of?: number
}

/** Go on with the moment of a link. */
export interface OpenMoment {
  readonly type: "open-moment"
  readonly moment: string
}

/** Send the session as a file. */
export interface Save {
  readonly type: "save"
}

/** Send what can be copied, for a page at this address. */
export interface Share {
  readonly type: "share"
  readonly page: string
}

/** Make a file of this kind. */
export interface Export {
  readonly type: "export"
  readonly kind: string
}

/** Leave off the file that is being made. */
export interface CancelExport {
  readonly type: "cancel-export"
}

export type FromTransport = Command | Resume | Keep | OpenFile | OpenMoment | Save | Share | Export | CancelExport | Compare

export type FromTimeBar = Look | Bookmark

export type FromStages = Steer | Dismiss

export type FromControls = Steer | CompareControl

/** Where a piece belongs; numbers stand as text in a query. */
export interface Piece {
  readonly run: string
  readonly upload: string
  readonly name: string
  readonly part: number
  readonly of: number
}

/** What becomes of a piece: of the last one a line, or why it is refused. */
export interface Answer {
  readonly text?: string
  readonly error?: string
}

/** One line that stays until it is dismissed, and the way on. */
export interface PageNotice {
  readonly text: string
  readonly action: "default" | null
  readonly id: number
}

/** Why own data were refused. */
export interface Refusal {
  readonly text: string
  readonly id: number
}

/** A bookmark: a step of the first run, on its line of this number. */
export interface Place {
  readonly line: number
  readonly step: number
}

/** What the run may be compared with: in what it differs. */
export interface Alternative {
  readonly label: string
  readonly controls: Readonly<Record<string, unknown>>
}

/** A preset of the menu. */
export interface ListedPreset {
  readonly name: string
  readonly summary: string
}

/** The controls of the target `gaussians`, without their prefix. */
export interface Mixture {
  readonly x: readonly number[]
  readonly y: readonly number[]
  readonly sigmas: readonly number[]
  readonly weights: readonly number[]
}

/** A file for the browser to keep. */
export interface SavedFile {
  readonly type: "saved-file"
  readonly name: string
  readonly text: string
}

/** What can be copied of a moment. */
export interface Shared {
  readonly type: "shared"
  readonly step: number
  readonly preset: string
  readonly of: string
  readonly local: boolean
  readonly long: boolean
  readonly link: string
  readonly plain: string
  readonly command: string
  readonly python: string
  readonly iframe: string
  readonly file: string
  readonly text: string
  readonly reads: readonly string[]
}

/** A moment of the page; nothing: it is too long to be kept. */
export interface Kept {
  readonly type: "kept"
  readonly moment: string
}

/** How far a file is, in parts. */
export interface ExportProgress {
  readonly type: "export-progress"
  readonly name: string
  readonly done: number
  readonly of: number
}

/** A file is there, to be fetched by its key. */
export interface ExportReady {
  readonly type: "export-ready"
  readonly name: string
  readonly key: string
}

/** Why there is no file, in a line. */
export interface ExportFailed {
  readonly type: "export-failed"
  readonly name: string
  readonly error: string
}

export type OfExport = ExportProgress | ExportReady | ExportFailed

export type ToTransport = SavedFile | Shared | Kept | ExportProgress | ExportReady | ExportFailed
