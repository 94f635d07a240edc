import js from "@eslint/js"
import {defineConfig} from "eslint/config"
import ts from "typescript-eslint"

const PAGE = "the parts of a page know their document and run: no name that the whole page shares (contract.ts alone)"
const PRIVATE = "inner parts of Bokeh are for bokeh_private.ts alone"

export default defineConfig(
  {files: ["**/*.mjs"], extends: [js.configs.recommended], languageOptions: {globals: {process: "readonly"}}},
  {
    files: ["**/*.ts"],
    extends: [js.configs.recommended, ts.configs.strictTypeChecked, ts.configs.stylisticTypeChecked],
    languageOptions: {parserOptions: {projectService: true, tsconfigRootDir: import.meta.dirname}},
    rules: {
      "@typescript-eslint/consistent-type-imports": ["error", {fixStyle: "inline-type-imports"}],
      "@typescript-eslint/no-empty-function": "off",
      "@typescript-eslint/no-non-null-assertion": "off", // an index that a loop keeps within bounds
      "@typescript-eslint/prefer-nullish-coalescing": "off", // "" and 0 are often "none" here
      "@typescript-eslint/restrict-template-expressions": ["error", {allowNumber: true}],
      "max-lines": ["error", 250],
      "no-restricted-globals": ["error", ...["window", "globalThis", "self", "Bokeh", "gandyn"].map((name) => ({name, message: PAGE}))],
      "no-restricted-syntax": ["error", {selector: "MemberExpression[computed=false] > Identifier.property[name=/^_/]", message: PRIVATE}],
    },
  },
  {files: ["src/messages.ts"], rules: {"max-lines": ["error", 300]}}, // made of gandyn/ui/messages.py, which has that bound
  {files: ["src/frames/contract.ts"], rules: {"no-restricted-globals": "off"}},
  {files: ["src/bokeh/bokeh_private.ts"], rules: {"no-restricted-syntax": "off"}},
  {
    files: ["test/**"],
    rules: {"@typescript-eslint/no-floating-promises": "off"}, // node:test waits for what test() returns
  },
)
