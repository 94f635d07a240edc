// The components of the page, by the names of their classes in Python.

import * as ClassBar from "./classroom/class_bar.ts"
import * as Controls from "./controls/controls.ts"
import * as Feed from "./frames/feed.ts"
import * as Key from "./figures/key.ts"
import * as Many from "./compare/many.ts"
import * as OwnData from "./own_data/own_data.ts"
import * as Page from "./page/page.ts"
import * as StudyPanel from "./studies/study_panel.ts"
import * as Stages from "./compare/stages.ts"
import * as TimeBar from "./time/timebar.ts"
import * as TeacherBar from "./classroom/teacher_bar.ts"
import * as Transport from "./time/transport.ts"

export default {ClassBar, Controls, Feed, Key, Many, OwnData, Page, Stages, StudyPanel, TeacherBar, TimeBar, Transport}
