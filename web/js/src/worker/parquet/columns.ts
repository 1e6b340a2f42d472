import type { SchemaElement, SchemaTree } from 'hyparquet';
import { parquetSchema } from './hyparquet.js';
import type { JsonLines } from './json.js';
import { bigEndian, decimal, float, float16, float32, instant, type Shown } from './spelled.js';

/** A top-level column. */
export interface Column {
  name: string;
  /** What the library knows of it: names are numbers there, and leaves hold plain values. */
  tree: SchemaTree;
  /** The numbers of its leaves among all column chunks of a row group. */
  leaves: number[];
  /** JSON of a value of its kind. */
  example: string;
  /** Writes a value as the library gives it. */
  write: Write;
  /** What it holds, if that is not read. */
  unread: string | undefined;
}

type Write = (json: JsonLines, value: unknown) => void;

interface Kind {
  example: string;
  write: Write;
  unread?: string | undefined;
}

/** The columns of a file, and the schema by which the library is to decode them. */
export interface Schema {
  tree: SchemaTree;
  columns: Column[];
  /** The paths of all leaves. */
  paths: string[][];
}

/**
 * Takes a schema apart. The library would convert values as it likes and put them under their names, of which two may be
 * the same: it is told of plain values under names that are numbers.
 */
export function schemaOf(elements: SchemaElement[]): Schema {
  const plain = elements.map((element, number): SchemaElement => {
    if (typeof element.name !== 'string') throw new Error('a column has no name');
    const { type, type_length, repetition_type, num_children } = element;
    const list = isList(element) && !isOfStructs(elements, number);
    return {
      name: String(number),
      ...(type && { type }),
      ...(type_length !== undefined && { type_length }),
      ...(repetition_type && { repetition_type }),
      ...(num_children !== undefined && { num_children }),
      ...(list && { converted_type: 'LIST' as const }),
    };
  });
  const tree = parquetSchema({ schema: plain });
  const paths: string[][] = [];
  const columns = tree.children.map((child) => {
    const first = paths.length;
    collect(child, paths);
    const leaves = Array.from({ length: paths.length - first }, (_, at) => first + at);
    const { example, write, unread } = kindOf(child, elements);
    return { name: elementOf(child, elements).name, tree: child, leaves, example, write, unread };
  });
  return { tree, columns, paths };
}

function collect(tree: SchemaTree, paths: string[][]): void {
  if (tree.children.length === 0) paths.push(tree.path);
  for (const child of tree.children) collect(child, paths);
}

function elementOf(tree: SchemaTree, elements: SchemaElement[]): SchemaElement {
  return elements[Number(tree.element.name)] as SchemaElement;
}

function isList({ converted_type, logical_type }: SchemaElement): boolean {
  return converted_type === 'LIST' || logical_type?.type === 'LIST';
}

function isMap({ converted_type, logical_type }: SchemaElement): boolean {
  return converted_type === 'MAP' || converted_type === 'MAP_KEY_VALUE' || logical_type?.type === 'MAP';
}

/** Whether a list is one of the old kind, whose repeated group is the item itself. */
function isOfStructs(elements: SchemaElement[], list: number): boolean {
  const [{ name } = { name: '' }, repeated] = [elements[list], elements[list + 1]];
  const fields = repeated?.num_children ?? 0;
  return fields > 1 || (fields === 1 && (repeated?.name === 'array' || repeated?.name === `${name}_tuple`));
}

function kindOf(tree: SchemaTree, elements: SchemaElement[]): Kind {
  const element = elementOf(tree, elements);
  const kind = tree.children.length > 0 ? groupKind(tree, element, elements) : leafKind(element);
  // A repeated field that is of no list is a list by itself.
  return element.repetition_type === 'REPEATED' ? listOf(kind) : kind;
}

function groupKind(tree: SchemaTree, element: SchemaElement, elements: SchemaElement[]): Kind {
  const [repeated] = tree.children;
  const inner = repeated?.element.repetition_type === 'REPEATED' && tree.children.length === 1 && repeated;
  if (inner && isMap(element) && inner.children.length === 2) {
    const [key, value] = inner.children.map((child) => kindOf(child, elements)) as [Kind, Kind];
    return mapOf(
      inner.element.name,
      inner.children.map(({ element }) => element.name) as [string, string],
      key,
      value,
    );
  }
  if (inner && isList(element)) {
    // The library takes the list out of its groups, where it knows it for one.
    if (tree.element.converted_type === 'LIST') {
      const [item] = inner.children;
      return listOf(item ? kindOf(item, elements) : leafKind(elementOf(inner, elements)));
    }
    const { example, write, unread } = kindOf(inner, elements);
    const name = inner.element.name;
    return nullable({ example, unread, write: (json, value) => write(json, (value as Fields)[name]) });
  }
  return structOf(tree.children, elements);
}

type Fields = Record<string, unknown>;

function nullable({ example, write, unread }: Kind): Kind {
  return {
    example,
    unread,
    write(json, value) {
      if (value === null) json.raw('null');
      else write(json, value);
    },
  };
}

function listOf({ example, write, unread }: Kind): Kind {
  return nullable({
    example: `[${example}]`,
    unread,
    write(json, value) {
      json.raw('[');
      (value as unknown[]).forEach((item, at) => {
        if (at > 0) json.raw(',');
        write(json, item);
      });
      json.raw(']');
    },
  });
}

function structOf(children: SchemaTree[], elements: SchemaElement[]): Kind {
  const fields = children.map((child) => {
    const key = JSON.stringify(elementOf(child, elements).name);
    return {
      place: child.element.name,
      key: new TextEncoder().encode(`${key}:`),
      ...kindOf(child, elements),
      quoted: key,
    };
  });
  return nullable({
    example: `{${fields.map(({ quoted, example }) => `${quoted}:${example}`).join(',')}}`,
    unread: fields.find(({ unread }) => unread)?.unread,
    write(json, value) {
      fields.forEach(({ place, key, write }, at) => {
        json.raw(at === 0 ? '{' : ',');
        json.bytes(key);
        write(json, (value as Fields)[place]);
      });
      json.raw('}');
    },
  });
}

function mapOf(entries: string, [keyName, valueName]: [string, string], key: Kind, value: Kind): Kind {
  // The name of a field is a string, whatever the type of the key.
  const quote = key.example === TEXT ? '' : '"';
  return nullable({
    example: '{}',
    unread: key.unread ?? value.unread ?? (/^[[{]/.test(key.example) ? 'maps of such keys' : undefined),
    write(json, map) {
      json.raw('{');
      ((map as Fields)[entries] as Fields[]).forEach((entry, at) => {
        json.raw(at > 0 ? `,${quote}` : quote);
        key.write(json, entry[keyName]);
        json.raw(`${quote}:`);
        value.write(json, entry[valueName]);
      });
      json.raw('}');
    },
  });
}

const TEXT = '""';
const NUMBER = '0';

/** Values of a leaf, by its type. */
function leafKind(element: SchemaElement): Kind {
  const { type, converted_type: old, logical_type: logical } = element;
  const said = (example: string, spell: (value: never) => string) => {
    return leaf(example, (json, value) => json.raw(spell(value as never)));
  };
  const time = (unit: bigint, shown: Shown) =>
    said(TEXT, (value: number | bigint) => instant(BigInt(value), unit, shown));
  if (logical?.type === 'NULL') return { example: 'null', write: (json) => json.raw('null') };
  if (old === 'INTERVAL' || logical?.type === 'INTERVAL')
    return { ...said('null', () => 'null'), unread: 'intervals' };
  if (old === 'DECIMAL' || logical?.type === 'DECIMAL') {
    const scale = logical?.type === 'DECIMAL' ? logical.scale : (element.scale ?? 0);
    return said(NUMBER, (value: number | bigint | Uint8Array) => {
      return decimal(value instanceof Uint8Array ? bigEndian(value) : BigInt(value), scale);
    });
  }
  if (type === 'BOOLEAN') return said('false', (value: boolean) => String(value));
  if (type === 'INT96') return time(1n, 'civil');
  if (old === 'DATE' || logical?.type === 'DATE') return time(86_400_000_000_000n, 'date');
  if (logical?.type === 'TIMESTAMP') {
    return time(NANOSECONDS[logical.unit], logical.isAdjustedToUTC ? 'instant' : 'civil');
  }
  if (old === 'TIMESTAMP_MILLIS') return time(NANOSECONDS.MILLIS, 'instant');
  if (old === 'TIMESTAMP_MICROS') return time(NANOSECONDS.MICROS, 'instant');
  if (logical?.type === 'TIME') return time(NANOSECONDS[logical.unit], 'time');
  if (old === 'TIME_MILLIS') return time(NANOSECONDS.MILLIS, 'time');
  if (old === 'TIME_MICROS') return time(NANOSECONDS.MICROS, 'time');
  const unsigned = old?.startsWith('UINT_') || (logical?.type === 'INTEGER' && !logical.isSigned);
  if (type === 'INT32') return said(NUMBER, (value: number) => String(unsigned ? value >>> 0 : value));
  if (type === 'INT64') {
    return said(NUMBER, (value: bigint) => String(unsigned ? BigInt.asUintN(64, value) : value));
  }
  if (type === 'FLOAT') return said(NUMBER, float32);
  if (type === 'DOUBLE') return said(NUMBER, (value: number) => float(value));
  if (logical?.type === 'FLOAT16') return said(NUMBER, (value: Uint8Array) => float(float16(value)));
  return leaf(TEXT, (json, value) => json.text(value as Uint8Array));
}

const NANOSECONDS = { MILLIS: 1_000_000n, MICROS: 1000n, NANOS: 1n };

function leaf(example: string, write: Write): Kind {
  return {
    example,
    write(json, value) {
      if (value === null) json.raw('null');
      // The library gives this for what is in no dictionary.
      else if (value === undefined) throw new Error('a value is not there');
      else write(json, value);
    },
  };
}
