import { Table } from '@mantine/core';
import type { PlanResize } from '../../../common/contracts/index.ts';
import { formatBytes, formatCpu } from '../../../common/units/index.ts';
import { ChangeText } from '../../components/change-text.tsx';

/** What each container asks for now and then. */
export function ResizeChanges({ resize }: { readonly resize: PlanResize }) {
  return (
    <Table verticalSpacing={6} aria-label="Containers that change">
      <Table.Thead>
        <Table.Tr>
          <Table.Th>Container</Table.Th>
          <Table.Th ta="right">CPU request</Table.Th>
          <Table.Th ta="right">CPU limit</Table.Th>
          <Table.Th ta="right">Memory request</Table.Th>
          <Table.Th ta="right">Memory limit</Table.Th>
        </Table.Tr>
      </Table.Thead>
      <Table.Tbody>
        {resize.containers.map(({ name, now, after }) => (
          <Table.Tr key={name}>
            <Table.Th scope="row" fw={560}>
              {name}
            </Table.Th>
            <Table.Td ta="right">
              <ChangeText now={now.cpuRequestMilli} next={after.cpuRequestMilli} format={formatCpu} />
            </Table.Td>
            <Table.Td ta="right">
              <ChangeText now={now.cpuLimitMilli} next={after.cpuLimitMilli} format={formatCpu} />
            </Table.Td>
            <Table.Td ta="right">
              <ChangeText now={now.memoryRequestBytes} next={after.memoryRequestBytes} format={formatBytes} />
            </Table.Td>
            <Table.Td ta="right">
              <ChangeText now={now.memoryLimitBytes} next={after.memoryLimitBytes} format={formatBytes} />
            </Table.Td>
          </Table.Tr>
        ))}
      </Table.Tbody>
    </Table>
  );
}
