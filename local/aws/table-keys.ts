import type { WireRequest, WireResponse } from './wire/message.ts';

interface Described {
  readonly Table?: { readonly TableName: string };
}

interface Creation {
  readonly TableName?: string;
  readonly SSESpecification?: { readonly Enabled?: boolean; readonly KMSMasterKeyId?: string };
}

/**
 * Which key each table is under, which dynalite passes over: CreateTable says it, DescribeTable shows it. A table
 * that outlived the endpoint has it from whoever creates it again, though it is there.
 */
export class TableKeys {
  readonly #byTable = new Map<string, string>();

  /** The answer to a request, with the key where it describes a table. */
  shownIn(operation: string, request: WireRequest, response: WireResponse): WireResponse {
    if (operation === 'CreateTable') this.#keep(JSON.parse(request.body.toString()) as Creation);
    if (operation !== 'DescribeTable' || response.status !== 200) return response;
    const { Table, ...rest } = JSON.parse(response.body) as Described;
    const key = this.#byTable.get(Table?.TableName ?? '');
    if (key === undefined) return response;
    const SSEDescription = { Status: 'ENABLED', SSEType: 'KMS', KMSMasterKeyArn: key };
    // The checksum is that of dynalite's text.
    const { 'x-amz-crc32': _, ...headers } = response.headers;
    return { ...response, headers, body: JSON.stringify({ ...rest, Table: { ...Table, SSEDescription } }) };
  }

  #keep({ TableName = '', SSESpecification }: Creation): void {
    const key = SSESpecification?.Enabled ? SSESpecification.KMSMasterKeyId : undefined;
    if (key !== undefined) this.#byTable.set(TableName, key);
  }
}
