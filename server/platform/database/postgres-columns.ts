import {
  type ColumnDefinitionNode,
  DataTypeNode,
  GeneratedNode,
  type KyselyPlugin,
  OperationNodeTransformer,
  type PluginTransformQueryArgs,
  type PluginTransformResultArgs,
  type QueryId,
  RawNode,
} from 'kysely';

/**
 * Migrations are written once, in the column types of SQLite, and mean the same on PostgreSQL:
 * - `integer` is a whole number of up to 64 bits there, so it is `bigint` here;
 * - an `integer` primary key is numbered by the database where no number is given;
 * - `text` is ordered by its bytes, whatever language the database was made for.
 */
export class PostgresColumns implements KyselyPlugin {
  readonly #transformer = new ColumnTransformer();

  transformQuery({ node, queryId }: PluginTransformQueryArgs): PluginTransformQueryArgs['node'] {
    return this.#transformer.transformNode(node, queryId);
  }

  async transformResult({ result }: PluginTransformResultArgs): Promise<PluginTransformResultArgs['result']> {
    return result;
  }
}

class ColumnTransformer extends OperationNodeTransformer {
  protected override transformColumnDefinition(
    node: ColumnDefinitionNode,
    queryId?: QueryId,
  ): ColumnDefinitionNode {
    const column = super.transformColumnDefinition(node, queryId);
    const type = DataTypeNode.is(column.dataType) ? column.dataType.dataType : undefined;
    if (type === 'text') return { ...column, dataType: RawNode.createWithSql('text collate "C"') };
    if (type !== 'integer') return column;
    const { autoIncrement: _, ...whole } = { ...column, dataType: DataTypeNode.create('bigint') };
    if (!column.primaryKey) return whole;
    return { ...whole, generated: GeneratedNode.create({ identity: true, byDefault: true }) };
  }
}
