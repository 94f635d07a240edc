// The components of the page, by the names of their classes in Python.

import * as Controls from "./controls.ts"
import * as Feed from "./feed.ts"
import * as Key from "./key.ts"
import * as Many from "./many.ts"
import * as OwnData from "./own_data.ts"
import * as Page from "./page.ts"
import * as Stages from "./stages.ts"
import * as TimeBar from "./timebar.ts"
import * as Transport from "./transport.ts"

export default {Controls, Feed, Key, Many, OwnData, Page, Stages, TimeBar, Transport}
