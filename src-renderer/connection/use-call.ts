import { notifications } from '@mantine/notifications';
import {
  keepPreviousData,
  type UseMutationResult,
  type UseQueryResult,
  useMutation,
  useQueries,
  useQuery,
  useQueryClient,
} from '@tanstack/react-query';
import type { CallInput, CallOutput, Procedure } from '../../common/contracts/index.ts';
import { type ApiError, toApiError } from './api-error.ts';
import { useConnection } from './connection-context.ts';

/** Reads by a call that changes nothing; kept by path and input. */
export function useRead<P extends Procedure>(
  procedure: P,
  input: CallInput<P>,
  options: {
    readonly enabled?: boolean;
    readonly refetchMs?: number;
    /** Shows the last answer until that of a changed input is there. */
    readonly keepLast?: boolean;
  } = {},
): UseQueryResult<CallOutput<P>, ApiError> {
  const { client } = useConnection();
  return useQuery<CallOutput<P>, ApiError>({
    queryKey: [procedure.path, input],
    queryFn: ({ signal }) => client.call(procedure, input, signal),
    enabled: options.enabled ?? true,
    refetchInterval: options.refetchMs ?? false,
    ...(options.keepLast === true ? { placeholderData: keepPreviousData } : {}),
  });
}

/** Reads by one call for several inputs, e.g. of each cluster. */
export function useReadEach<P extends Procedure>(
  procedure: P,
  inputs: readonly CallInput<P>[],
  options: { readonly refetchMs?: number } = {},
): UseQueryResult<CallOutput<P>, ApiError>[] {
  const { client } = useConnection();
  return useQueries({
    queries: inputs.map(input => ({
      queryKey: [procedure.path, input],
      queryFn: ({ signal }: { signal: AbortSignal }) => client.call(procedure, input, signal),
      refetchInterval: options.refetchMs ?? (false as const),
    })),
  }) as UseQueryResult<CallOutput<P>, ApiError>[];
}

/**
 * A call that changes something. A refusal is shown as a notification with the server's hint; `refresh` names calls
 * whose answers are read anew afterwards.
 */
export function useAct<P extends Procedure>(
  procedure: P,
  options: {
    readonly onDone?: (result: CallOutput<P>) => void;
    readonly refresh?: readonly Procedure[];
    /** The caller shows the refusal itself. */
    readonly quiet?: boolean;
  } = {},
): UseMutationResult<CallOutput<P>, ApiError, CallInput<P>> {
  const { client } = useConnection();
  const queries = useQueryClient();
  return useMutation<CallOutput<P>, ApiError, CallInput<P>>({
    mutationFn: input => client.call(procedure, input),
    onSuccess: result => {
      for (const { path } of options.refresh ?? []) void queries.invalidateQueries({ queryKey: [path] });
      options.onDone?.(result);
    },
    onError: error => {
      if (options.quiet !== true) showError(error);
    },
  });
}

/** Tells of a refusal or failure in the corner of the window. */
function showError(error: unknown): void {
  const { message, hint } = toApiError(error);
  notifications.show({ color: 'red', title: message, message: hint, autoClose: 12_000 });
}
