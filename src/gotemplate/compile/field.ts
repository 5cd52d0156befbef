import { GoInt } from '../../base/go-int.ts';
import type { FieldNode, ChainNode, VariableNode } from '../parse/node.ts';
import { quote } from '../runtime/quote.ts';
import { ANY, type GoMethod, type GoType } from '../runtime/go-type.ts';
import { elementType, GoObject, isNil, mapEntries, typeOf, zeroValue } from '../runtime/go-value.ts';
import { execError } from './exec-error.ts';
import type { Frame } from './frame.ts';

/** A node whose fields are looked up; methods are called with it as their place. */
export type FieldOwner = FieldNode | ChainNode | VariableNode;

/** What arguments of a method are evaluated with. */
export interface FieldInput {
  readonly dot: unknown;
  /** The value from the pipeline, if there is one. */
  readonly final: unknown;
}

/** Fields one behind the other, the last of which may have arguments. */
export interface FieldChain {
  readonly names: readonly string[];
  /** True if arguments follow, which only methods take. */
  readonly hasArgs: boolean;
  /** Calls the method that the field at an index led to. */
  call(frame: Frame, index: number, input: FieldInput, receiver: GoObject, method: GoMethod): unknown;
}

/** A field of a chain. */
interface FieldStep {
  readonly chain: FieldChain;
  readonly index: number;
}

/** As a holder: Go sees the value through an interface. */
export const BOXED: unique symbol = Symbol('boxed');

/**
 * The value of the chain's field at an index: the result of a method, a field of a struct or an element of a map (Go: evalField). Only own
 * keys of plain objects and the listed fields and methods of the runtime's classes are ever looked at.
 *
 * @param holder the value that the receiver is a part of, {@link BOXED}, or undefined: it decides the type that errors name
 */
export function evalField(
  frame: Frame,
  input: FieldInput,
  receiver: unknown,
  step: FieldStep,
  holder: unknown,
): unknown {
  const name = nameOf(step);
  if (typeof receiver === 'object' && receiver !== null) {
    const prototype: unknown = Object.getPrototypeOf(receiver);
    if (prototype === null || prototype === Object.prototype) {
      if (takesArgs(step)) throw execError(frame, `${name} is not a method but has arguments`);
      if (Object.hasOwn(receiver, name)) return (receiver as Record<string, unknown>)[name] ?? null;
      if (frame.strict) throw execError(frame, `map has no entry for key ${quote(name)}`);
      return null;
    }
    if (receiver instanceof GoObject) return objectField(frame, input, receiver, step, holder);
  }
  if (receiver === undefined) {
    if (frame.strict) throw execError(frame, `nil data; no entry for key ${quote(name)}`);
    return undefined;
  }
  if (receiver === null) throw execError(frame, `nil pointer evaluating interface {}.${name}`);
  throw noField(frame, receiver, step, holder);
}

function nameOf({ chain, index }: FieldStep): string {
  return chain.names[index] ?? '';
}

function takesArgs({ chain, index }: FieldStep): boolean {
  return chain.hasArgs && index === chain.names.length - 1;
}

function noField(frame: Frame, receiver: unknown, step: FieldStep, holder: unknown): Error {
  return execError(frame, `can't evaluate field ${nameOf(step)} in type ${shownType(receiver, step, holder)}`);
}

function shownType(receiver: unknown, step: FieldStep, holder: unknown): string {
  const boxed = holder === BOXED || boxes(holder, step.chain.names[step.index - 1] ?? '');
  return boxed ? ANY.name : (typeOf(receiver)?.name ?? ANY.name);
}

function objectField(frame: Frame, input: FieldInput, receiver: GoObject, step: FieldStep, holder: unknown): unknown {
  const name = nameOf(step);
  const { type } = receiver;
  if (type.methods !== undefined && Object.hasOwn(type.methods, name)) {
    const method = type.methods[name];
    if (method !== undefined) return step.chain.call(frame, step.index, input, receiver, method);
  }
  if (type.kind === 'map') return typedMapField(frame, receiver, step, type);
  const struct = type.kind === 'ptr' ? elementType(type) : type;
  if (struct.kind === 'struct' && hasField(struct, receiver, name)) {
    if (isNil(receiver)) {
      throw execError(frame, `nil pointer evaluating ${shownType(receiver, step, holder)}.${name}`);
    }
    if (struct.fields?.some((field) => field.name === name && field.hidden === true) === true) {
      const type = shownType(receiver, step, holder);
      throw execError(frame, `${name} is an unexported field of struct type ${type}`);
    }
    if (takesArgs(step)) throw execError(frame, `${name} has arguments but cannot be invoked as function`);
    return receiver.field?.(name) ?? null;
  }
  throw noField(frame, receiver, step, holder);
}

function hasField(struct: GoType, receiver: GoObject, name: string): boolean {
  if (struct.fields !== undefined) return struct.fields.some((field) => field.name === name);
  return receiver.field?.(name) !== undefined;
}

function typedMapField(frame: Frame, receiver: GoObject, step: FieldStep, type: GoType): unknown {
  const name = nameOf(step);
  if (takesArgs(step)) throw execError(frame, `${name} is not a method but has arguments`);
  const entries = mapEntries(receiver);
  if (entries !== undefined && Object.hasOwn(entries, name)) return entries[name] ?? null;
  if (frame.strict) throw execError(frame, `map has no entry for key ${quote(name)}`);
  return zeroValue(elementType(type));
}

/** True if Go would hold an element or field of the value in an interface. */
export function boxes(container: unknown, name: string): boolean {
  if (container instanceof GoInt || typeof container !== 'object' || container === null) return false;
  const type = typeOf(container);
  if (type === undefined) return false;
  if (type.kind === 'map' || type.kind === 'slice') return elementType(type).kind === 'interface';
  const struct = type.kind === 'ptr' ? elementType(type) : type;
  if (type.methods !== undefined && Object.hasOwn(type.methods, name)) return false;
  return struct.fields?.find((field) => field.name === name)?.type.kind === 'interface';
}
