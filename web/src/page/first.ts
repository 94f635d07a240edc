// A script of its own, which runs before anything is painted: the ground of the page in the theme that the person chose.

import {isDark} from "./themes.ts"
import {recall} from "./memory.ts"

document.documentElement.dataset.gandynTheme = isDark(recall("theme")) ? "dark" : "light"
