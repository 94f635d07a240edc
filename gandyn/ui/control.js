// The column of controls: groups that fold, live ones first, those that start the run again apart.

export function render({model}) {
  const root = el("div.groups", {role: "group", "aria-label": "controls"})
  const tip = makeTip()
  let fields = []

  function fold(key, open, title, className, ...rest) {
    const remembered = memory.get("folds") ?? {}
    const summary = el("summary", {}, title)
    const node = el(`details.${className}`, {open: remembered[key] ?? open}, summary, ...rest)
    node.addEventListener("toggle", () => memory.set("folds", {...memory.get("folds"), [key]: node.open}))
    return node
  }

  function group(spec) {
    const own = spec.controls.map((control) => ({
      control,
      view: field({...control, group: spec.title}, model.document.get_model_by_name(control.name), tip),
    }))
    fields.push(...own.map(({view}) => view))
    const rows = (rare) => own.filter(({control}) => control.rare === rare).map(({view}) => view.row)
    const more = rows(true)
    const body = rows(false)
    if (more.length) body.push(fold(`${spec.name}.more`, false, "more", "more", more))
    return fold(spec.name, spec.open, spec.title, "group", body)
  }

  function build() {
    for (const one of fields) one.release()
    fields = []
    const live = model.groups.filter((spec) => spec.live).map(group)
    const anew = model.groups.filter((spec) => !spec.live).map(group)
    const heading = el("p.anew", {}, el("strong", {}, "Start again"), " a change here begins the run anew, at step 0")
    const focused = root.getRootNode().activeElement?.id
    root.replaceChildren(...live, heading, ...anew, tip.box)
    if (focused) root.querySelector(`[id="${focused}"]`)?.focus()
  }

  build()
  model.on("groups", build)
  model.on("remove", () => { for (const one of fields) one.release() })
  return root
}
