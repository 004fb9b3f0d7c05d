import { type EnsembleEnding, readTreeEnsemble, readTreeRegressor } from './ensemble.ts';
import { ROWS_PER_BLOCK } from './kernel-layout.ts';
import { layOutTrees } from './lay-out-trees.ts';
import { ELEMENT, type OnnxConstant, type OnnxGraph, type OnnxNode } from './onnx-graph.ts';
import { PlanMemory } from './plan-memory.ts';
import { COLUMN_OPERATORS, type InputColumn, type Place, type TreePlan, type TreeStep } from './tree-plan.ts';
import { Unread } from './unread.ts';

type Type = 'float' | 'double' | 'bool';
type ColumnOperator = (typeof COLUMN_OPERATORS)[number];

/** A table on its way through the graph: the places of its columns. */
interface Table {
  readonly type: Type;
  readonly places: readonly Place[];
}

const BINARY: Readonly<Record<string, ColumnOperator>> = {
  Add: 'add',
  Sub: 'sub',
  Mul: 'mul',
  Div: 'div',
  Equal: 'equal',
  Less: 'less',
  LessOrEqual: 'at-most',
  Or: 'or',
};
const UNARY: Readonly<Record<string, ColumnOperator>> = { Abs: 'abs', Floor: 'floor', IsNaN: 'is-nan' };
const CONDITIONS = new Set<ColumnOperator>(['equal', 'less', 'at-most', 'or', 'is-nan']);
const OTHERS = 'Identity Cast Where Concat Gather Reshape Clip Gemm TreeEnsemble TreeEnsembleRegressor'.split(
  ' ',
);
const KNOWN = new Set([...Object.keys(BINARY), ...Object.keys(UNARY), ...OTHERS]);

/** Whether a graph with this operator may be one of trees. */
export function isTreeOperator(operator: string): boolean {
  return KNOWN.has(operator);
}

/**
 * Plans a graph that is tree ensembles with simple arithmetic by columns before and behind them. Only what IEEE 754 rounds in
 * one way is let in, so that the bits are those of ONNX Runtime: no exponentials, no sums over columns.
 * @param columns how many values a row has
 * @throws Unread for any other graph
 */
export function planGraph(graph: OnnxGraph, columns: number): TreePlan {
  return new Planner(graph, columns).plan();
}

class Planner {
  readonly #graph: OnnxGraph;
  readonly #columns: number;
  readonly #memory = new PlanMemory();
  readonly #steps: TreeStep[] = [];
  readonly #inputs: InputColumn[] = [];
  readonly #nodeOf = new Map<string, OnnxNode>();
  /** Tables that are ready; those under way are `undefined`, so that a circle is seen. */
  readonly #tables = new Map<string, Table | undefined>();
  #hasTrees = false;

  constructor(graph: OnnxGraph, columns: number) {
    this.#graph = graph;
    this.#columns = columns;
    for (const node of graph.nodes) {
      const [output, ...more] = node.outputs;
      if (output === undefined || more.length > 0 || this.#nodeOf.has(output)) {
        throw new Unread(`a ${node.operator} has not one output of its own`);
      }
      this.#nodeOf.set(output, node);
    }
  }

  plan(): TreePlan {
    const outputs = this.#graph.outputs.map(name => {
      const { type, places } = this.#table(name);
      if (type === 'bool') throw new Unread(`its output "${name}" is no number`);
      return { name, places };
    });
    if (!this.#hasTrees) throw new Unread('it has no trees');
    return {
      columns: this.#columns,
      inputs: this.#inputs.filter(({ to }) => this.#isRead(to, outputs)),
      outputs,
      steps: this.#steps,
      memoryBytes: this.#memory.bytes,
      contents: this.#memory.contents,
    };
  }

  #table(name: string): Table {
    const known = this.#tables.get(name);
    if (known) return known;
    if (this.#tables.has(name)) throw new Unread(`"${name}" is made of itself`);
    this.#tables.set(name, undefined);
    const table = this.#made(name);
    this.#tables.set(name, table);
    return table;
  }

  #made(name: string): Table {
    const constant = this.#graph.constants.get(name);
    if (constant) return this.#constant(constant);
    const node = this.#nodeOf.get(name);
    if (node) return this.#node(node);
    const [input, ...others] = this.#graph.inputs;
    if (input?.name === name && others.length === 0) return this.#input(input.elementType);
    throw new Unread(`nothing gives "${name}"`);
  }

  #input(elementType: number): Table {
    const columns = Array.from({ length: this.#columns }, (_, column) => column);
    if (elementType === ELEMENT.double) {
      return { type: 'double', places: columns.map(column => this.#inputColumn(column, false)) };
    }
    if (elementType !== ELEMENT.float) throw new Unread('its input is of another type');
    return { type: 'float', places: columns.map(column => this.#inputColumn(column, true)) };
  }

  #inputColumn(column: number, isRounded: boolean): Place {
    const to = this.#memory.column();
    this.#inputs.push({ column, to, isRounded });
    return to;
  }

  /** Whether anything reads a column of the input. */
  #isRead(input: Place, outputs: TreePlan['outputs']): boolean {
    return (
      outputs.some(({ places }) => places.includes(input)) ||
      this.#steps.some(step =>
        step.kind === 'column'
          ? step.inputs.includes(input)
          : step.rankColumns.some(({ from }) => from === input),
      )
    );
  }

  #constant({ elementType, dims, values }: OnnxConstant): Table {
    const type =
      elementType === ELEMENT.double ? 'double' : elementType === ELEMENT.float ? 'float' : undefined;
    const rows = dims.length > 1 ? dims.slice(0, -1).reduce((product, length) => product * length, 1) : 1;
    if (type === undefined || rows !== 1) throw new Unread('it has a constant that is no row of numbers');
    return { type, places: Array.from(values, value => this.#memory.constant(value)) };
  }

  #node(node: OnnxNode): Table {
    const { operator, domain } = node;
    const isTree = operator === 'TreeEnsemble' || operator === 'TreeEnsembleRegressor';
    if (isTree ? domain !== 'ai.onnx.ml' : domain !== '' && domain !== 'ai.onnx') {
      throw new Unread(`it uses ${domain}.${operator}`);
    }
    if (isTree) return this.#trees(node);
    if (operator === 'Gather') return this.#gather(node);
    if (operator === 'Gemm') return this.#nothing(node);
    const unary = UNARY[operator];
    const binary = BINARY[operator];
    const inputs = node.inputs
      .slice(0, operator === 'Reshape' ? 1 : undefined)
      .map(name => this.#table(name));
    const [first, second, third] = inputs;
    if (!first) throw new Unread(`a ${operator} has no input`);
    if (unary && inputs.length === 1) return this.#each(unary, first.type, inputs);
    if (binary && second && inputs.length === 2) return this.#each(binary, this.#sameType(inputs), inputs);
    if (operator === 'Identity') return first;
    if (operator === 'Cast') return this.#cast(first, node.attributes.get('to')?.int);
    if (operator === 'Reshape') return this.#reshape(first, this.#graph.constants.get(node.inputs[1] ?? ''));
    if (operator === 'Concat') return this.#concat(inputs, node.attributes.get('axis')?.int);
    if (operator === 'Where' && first.type === 'bool' && second && third) {
      return this.#each('choose', this.#sameType([second, third]), inputs);
    }
    throw new Unread(`it uses ${operator} in a way that is not known here`);
  }

  /** One step for each column; a table of one column goes with each of the others'. */
  #each(operator: ColumnOperator, type: Type, inputs: readonly Table[]): Table {
    const width = Math.max(...inputs.map(({ places }) => places.length));
    if (inputs.some(({ places }) => places.length !== width && places.length !== 1)) {
      throw new Unread('it mixes tables of different widths');
    }
    const places = Array.from({ length: width }, (_, column) => {
      const from = inputs.map(({ places: own }) => own[own.length === 1 ? 0 : column] ?? 0);
      const to = this.#memory.column();
      const code = COLUMN_OPERATORS.indexOf(operator);
      this.#steps.push({ kind: 'column', operator: code, isSingle: type === 'float', inputs: from, to });
      return to;
    });
    return { type: CONDITIONS.has(operator) ? 'bool' : type, places };
  }

  #sameType(tables: readonly Table[]): Type {
    const type = tables[0]?.type ?? 'double';
    if (tables.some(table => table.type !== type)) throw new Unread('it mixes numbers of 32 and 64 bits');
    return type;
  }

  #cast(table: Table, to: number | undefined): Table {
    if (to === ELEMENT.double) return { ...table, type: 'double' };
    if (to !== ELEMENT.float) throw new Unread('it casts to another type');
    if (table.type !== 'double') return { ...table, type: 'float' };
    const columns = table.places.map(place => this.#inputs.find(input => input.to === place)?.column);
    if (columns.includes(undefined)) return this.#each('round', 'float', [table]);
    // Columns as they come in are rounded on their way.
    return { type: 'float', places: columns.map(column => this.#inputColumn(column ?? 0, true)) };
  }

  #reshape(table: Table, shape: OnnxConstant | undefined): Table {
    const [rows, width, ...more] = shape?.values ?? [];
    if (rows === -1 && width === table.places.length && more.length === 0) return table;
    throw new Unread('it reshapes a table');
  }

  #concat(tables: readonly Table[], axis: number | undefined): Table {
    if (axis !== 1 && axis !== -1) throw new Unread('it puts rows below each other');
    return { type: this.#sameType(tables), places: tables.flatMap(({ places }) => places) };
  }

  #gather(node: OnnxNode): Table {
    const table = this.#table(node.inputs[0] ?? '');
    const wanted = this.#graph.constants.get(node.inputs[1] ?? '');
    const axis = node.attributes.get('axis')?.int;
    if ((axis !== 1 && axis !== -1) || wanted?.elementType !== ELEMENT.int64 || wanted.dims.length !== 1) {
      throw new Unread('it looks values up');
    }
    const places = Array.from(wanted.values, index => {
      const place = table.places[index];
      if (place === undefined) throw new Unread(`it takes column ${index} of ${table.places.length}`);
      return place;
    });
    return { type: table.type, places };
  }

  /**
   * How our converter writes one row for all: finite numbers times zeros. They are finite as `Clip` cuts them and the `Where`
   * before it replaces what is no number.
   */
  #nothing({ inputs, attributes }: OnnxNode): Table {
    const zeros = this.#graph.constants.get(inputs[1] ?? '');
    const clip = this.#nodeOf.get(inputs[0] ?? '');
    const where = this.#nodeOf.get(clip?.inputs[0] ?? '');
    const bounds = clip?.inputs.slice(1).map(name => this.#graph.constants.get(name)?.values[0]) ?? [];
    const other = this.#graph.constants.get(where?.inputs[1] ?? '')?.values ?? [];
    const test = this.#nodeOf.get(where?.inputs[0] ?? '');
    const isBounded =
      clip?.operator === 'Clip' &&
      bounds.length === 2 &&
      bounds.every(Number.isFinite) &&
      where?.operator === 'Where' &&
      other.length > 0 &&
      other.every(Number.isFinite) &&
      test?.operator === 'IsNaN' &&
      test.inputs[0] === where.inputs[2];
    const isZero = zeros?.elementType === ELEMENT.double && zeros.values.every(value => value === 0);
    if (!isBounded || !isZero || attributes.size > 0 || inputs.length !== 2)
      throw new Unread('it multiplies matrices');
    return {
      type: 'double',
      places: Array.from({ length: zeros.dims[1] ?? 1 }, () => this.#memory.constant(0)),
    };
  }

  #trees(node: OnnxNode): Table {
    const features = this.#table(node.inputs[0] ?? '');
    const isSingle = features.type === 'float';
    const isRegressor = node.operator === 'TreeEnsembleRegressor';
    const { ensemble, ending } = isRegressor ? readTreeRegressor(node, isSingle) : readTreeEnsemble(node);
    if (ensemble.isSingle !== isSingle) throw new Unread('its trees compare with numbers of another type');
    const step = layOutTrees(ensemble, features.places, this.#memory);
    this.#steps.push(step);
    this.#hasTrees = true;
    const places = Array.from({ length: step.targets }, (_, target) => step.to + target * ROWS_PER_BLOCK);
    const sums = this.#ended({ type: features.type, places }, ending);
    // `TreeEnsembleRegressor` answers in 32 bits whatever it was asked in.
    return isRegressor ? this.#cast(sums, ELEMENT.float) : sums;
  }

  #ended(sums: Table, { divisor, base }: EnsembleEnding): Table {
    const row = (values: readonly number[]): Table => ({
      type: sums.type,
      places: values.map(value => this.#memory.constant(value)),
    });
    const means = divisor === undefined ? sums : this.#each('div', sums.type, [sums, row([divisor])]);
    return base === undefined ? means : this.#each('add', sums.type, [means, row(base)]);
  }
}
