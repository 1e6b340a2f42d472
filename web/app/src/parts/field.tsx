import type { Signal } from '@preact/signals';
import type { ComponentChildren } from 'preact';

interface Common {
  hook: string;
  label: string;
  hint?: string | undefined;
  disabled?: boolean | undefined;
}

/** A control with its label above and a hint below. */
function Labelled({ hook, label, hint, children }: Common & { children: ComponentChildren }) {
  return (
    <div class="field">
      <label for={hook}>{label}</label>
      {children}
      {hint && (
        <p class="hint" id={`${hook}-hint`}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** A line of text; `onCommit` is called when a person is done with it. */
export function TextField({
  value,
  placeholder,
  list,
  numeric = false,
  onCommit,
  ...common
}: Common & {
  value: Signal<string>;
  placeholder?: string | undefined;
  list?: string | undefined;
  numeric?: boolean;
  onCommit?: (() => void) | undefined;
}) {
  const { hook, hint, disabled } = common;
  return (
    <Labelled {...common}>
      <input
        id={hook}
        data-testid={hook}
        type="text"
        inputMode={numeric ? 'numeric' : 'text'}
        autocomplete="off"
        spellcheck={false}
        value={value.value}
        placeholder={placeholder}
        list={list}
        disabled={disabled}
        aria-describedby={hint ? `${hook}-hint` : undefined}
        onInput={({ currentTarget }) => {
          value.value = currentTarget.value;
        }}
        onChange={onCommit}
      />
    </Labelled>
  );
}

/** A choice among a few. */
export function Choice<T extends string>({
  value,
  options,
  ...common
}: Common & {
  value: Signal<T>;
  options: readonly (readonly [name: T, label: string, disabled?: boolean])[];
}) {
  const { hook, hint, disabled } = common;
  return (
    <Labelled {...common}>
      <select
        id={hook}
        data-testid={hook}
        value={value.value}
        disabled={disabled}
        aria-describedby={hint ? `${hook}-hint` : undefined}
        onChange={({ currentTarget }) => {
          value.value = currentTarget.value as T;
        }}
      >
        {options.map(([name, label, isOff]) => (
          <option key={name} value={name} disabled={isOff}>
            {label}
          </option>
        ))}
      </select>
    </Labelled>
  );
}
