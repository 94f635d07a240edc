// Bundles the page. The bundles are committed, so that nobody who runs gandyn needs node; each begins with the hash of
// all that it is made of, by which tests/ui/test_bundle.py says when it is stale. With --check nothing is written, and
// the exit status says whether the bundles are these.

import {createHash} from "node:crypto"
import {readdirSync, readFileSync} from "node:fs"
import {dirname, join} from "node:path"
import {fileURLToPath} from "node:url"
import {build} from "esbuild"

const here = dirname(fileURLToPath(import.meta.url))

/** SHA-256 of the sources, and of what decides how they are bundled: each name and text, by name. */
function hash() {
  const names = readdirSync(join(here, "src"), {recursive: true})
    .filter((name) => name.endsWith(".ts")).map((name) => `src/${name.replaceAll("\\", "/")}`)
  const sum = createHash("sha256")
  for (const name of [...names, "build.mjs", "package-lock.json", "package.json"].sort()) {
    sum.update(`${name}\0${readFileSync(join(here, name), "utf8").replaceAll("\r\n", "\n")}\0`)
  }
  return sum.digest("hex")
}

const bundles = join(here, "../gandyn/ui/page/bundle")
const check = process.argv.includes("--check")
const common = {
  absWorkingDir: here,
  bundle: true,
  minify: true,
  charset: "utf8",
  target: "es2022",
  legalComments: "none",
  banner: {js: `// Made from web/ by "make web": ${hash()}`},
  write: !check,
}
const results = await Promise.all([
  build({...common, entryPoints: ["src/index.ts"], outfile: join(bundles, "page.js"), format: "esm"}),
  build({...common, entryPoints: ["src/report/report.ts"], outfile: join(bundles, "report.js"), format: "iife"}),
  build({...common, entryPoints: ["src/page/first.ts"], outfile: join(bundles, "first.js"), format: "iife"}),
])
if (check && !results.every(({outputFiles: [file]}) => readFileSync(file.path, "utf8") === file.text)) process.exit(1)
