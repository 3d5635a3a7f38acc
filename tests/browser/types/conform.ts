// www/engine/stylizer.d.ts and element.d.ts against what the modules themselves declare in JSDoc: the same public names, and types
// that fit. `make check` writes the modules' declarations into results/types first.
import type * as elementDeclared from "../../../www/element.js";
import type * as declared from "../../../www/stylizer.js";
import type * as elementMade from "../results/types/engine/element.js";
import type * as made from "../results/types/engine/stylizer.js";

type Same<A, B> = [A] extends [B] ? ([B] extends [A] ? true : false) : false;
type SameNames<A, B> = Same<keyof A, keyof B>;
/** Without private names, which would make every class unlike any other. JSDoc says `object` where the declarations say more. */
type Public<A> = Pick<A, keyof A>;
type Fits<A extends B, B> = A;
type Callbacks = "connectedCallback" | "disconnectedCallback" | "connectedMoveCallback" | "attributeChangedCallback" | "formResetCallback";
/** Defined one by one from their names; a test compares these with the program's. */
type Settings = keyof declared.StyleConfig;
/** Compared above: a class with private members is like no other. */
type Compared = "job";

export const names: [
  SameNames<typeof made, typeof declared>,
  SameNames<made.Stylizer, declared.Stylizer>,
  SameNames<made.Tools, declared.Tools>,
  SameNames<made.Job, declared.Job>,
  SameNames<Omit<elementMade.EaselCanvas, Callbacks>, Omit<elementDeclared.EaselCanvas, Settings>>,
  SameNames<Omit<elementMade.EaselPainting, Callbacks>, elementDeclared.EaselPainting>,
] = [true, true, true, true, true, true];
export type Uses = [
  Fits<declared.Stylizer, Omit<Public<made.Stylizer>, "start">>,
  Fits<declared.Tools, Public<made.Tools>>,
  Fits<declared.StartOptions, NonNullable<Parameters<made.Stylizer["start"]>[0]>>,
  Fits<declared.Job, Public<made.Job>>,
  Fits<elementDeclared.EaselPainting, Omit<Public<elementMade.EaselPainting>, Callbacks>>,
  Fits<elementDeclared.EaselCanvas, Omit<Public<elementMade.EaselCanvas>, Callbacks | Compared>>,
];
