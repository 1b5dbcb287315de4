/** How reads are told values: as they are stored, or messages as JSON; and by which versions of schemas. */
import type { MessageInitShape } from '@bufbuild/protobuf';
import {
  FormProblem as WireFormProblem,
  ValueForm as WireValueForm,
  type ValueViewSchema,
} from './gen/hyperloom/v1/node_pb.ts';

/** `stored`: as they are stored. `json`: messages as canonical ProtoJSON, for programs without generated code; all else as stored. */
export type ValueForm = 'stored' | 'json';

/** Why a message is not told as JSON: see `hyperloom.v1.FormProblem`. */
export type FormProblem = 'unbound' | 'no_json' | 'too_large' | 'schema_unusable' | 'superseded';

/** In which form values are told. */
export interface FormOptions {
  /** Default: `stored`. */
  readonly form?: ValueForm | undefined;
}

/** How values are told. */
export interface ValueViewOptions extends FormOptions {
  /**
   * The versions of schemas, by name, that this program knows: it goes on reading while later versions get along with them, and is told
   * where one does not. At most 100. Default: the newest.
   */
  readonly pins?: Readonly<Record<string, number>> | undefined;
}

/** Writes a form as its number. */
export function wireForm(form: ValueForm | undefined): WireValueForm {
  return form === 'json' ? WireValueForm.JSON : WireValueForm.UNSPECIFIED;
}

/** A part of a request; empty where nothing is asked for. */
export function valueView(options: ValueViewOptions): { values?: MessageInitShape<typeof ValueViewSchema> } {
  const pins = Object.entries(options.pins ?? {});
  if (pins.length === 0 && wireForm(options.form) === WireValueForm.UNSPECIFIED) return {};
  const told = pins.map(([schema, version]) => ({ schema, version: BigInt(version) }));
  return { values: { form: wireForm(options.form), pins: told } };
}

/** Reads why a message is not told as JSON; `undefined` where it is, or was not asked for. */
export function readFormProblem(problem: WireFormProblem | undefined): FormProblem | undefined {
  return problem === undefined ? undefined : formProblems[problem];
}

const formProblems: Readonly<Record<number, FormProblem>> = {
  [WireFormProblem.UNBOUND]: 'unbound',
  [WireFormProblem.NO_JSON]: 'no_json',
  [WireFormProblem.TOO_LARGE]: 'too_large',
  [WireFormProblem.SCHEMA_UNUSABLE]: 'schema_unusable',
  [WireFormProblem.SUPERSEDED]: 'superseded',
};
