import { refusedPickle } from './damaged-pickle.ts';

const OPERATIONS_MAX = 20_000_000;
const BYTES_MAX = 2 ** 30;

/**
 * What reading one file may cost in all, nested pickles included: 20 million steps and 1 GiB of arrays and copies. A small file that
 * refers to the same bytes again and again runs into it before memory does.
 */
export class ReadBudget {
  #operations = OPERATIONS_MAX;
  #bytes = BYTES_MAX;

  /** @throws AppError `model.rejected` when the steps are used up */
  spendOperations(count: number): void {
    this.#operations -= count;
    if (this.#operations < 0) {
      throw refusedPickle(
        `This Python file takes more than ${OPERATIONS_MAX} steps to read.`,
        'Save only the fitted model, without training data.',
      );
    }
  }

  /** To be called before the allocation. @throws AppError `model.rejected` when the bytes are used up */
  spendBytes(count: number): void {
    this.#bytes -= count;
    if (!(this.#bytes >= 0)) {
      throw refusedPickle(
        'This Python file unfolds into more than 1 GiB.',
        'Save only the fitted model, without training data.',
      );
    }
  }
}
