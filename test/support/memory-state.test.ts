import { MemoryState } from './memory-state.ts';
import { describeStateTable } from './state-table-contract.ts';

describeStateTable('the state table in memory', async () => new MemoryState());
