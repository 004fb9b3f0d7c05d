import { ActionIcon, Group, SegmentedControl, Switch, Text, Tooltip } from '@mantine/core';
import { IconDownload, IconPhotoDown } from '@tabler/icons-react';
import { formatDuration } from '../../../../common/units/index.ts';
import { RANGES, type Range, rangeOf } from './history-window.ts';

const NAMES: Readonly<Record<Range, string>> = {
  '24h': '24 h',
  '7d': '7 d',
  '30d': '30 d',
  '90d': '90 d',
  all: 'All',
};

/** Range, scale, on-demand line and exports above a picture of prices. */
export function HistoryTools(props: {
  readonly range: Range;
  readonly onRange: (range: Range) => void;
  readonly isLog: boolean;
  readonly onLog: (isLog: boolean) => void;
  readonly withOnDemand: boolean;
  readonly onOnDemand: (shown: boolean) => void;
  readonly onDemandWords: { readonly hint: string; readonly isKnown: boolean };
  readonly zoom: { readonly fromS: number; readonly toS: number } | undefined;
  readonly onCsv: () => void;
  readonly onPng: () => void;
}) {
  const { zoom, onDemandWords } = props;
  return (
    <Group px="md" pt={10} gap="md">
      <SegmentedControl
        size="xs"
        aria-label="Time shown"
        value={props.range}
        onChange={value => props.onRange(rangeOf(value))}
        data={RANGES.map(value => ({ value, label: NAMES[value] }))}
      />
      <Switch
        size="xs"
        label="Logarithmic"
        checked={props.isLog}
        onChange={event => props.onLog(event.currentTarget.checked)}
      />
      <Tooltip label={onDemandWords.hint}>
        <span>
          <Switch
            size="xs"
            label="On-demand price"
            disabled={!onDemandWords.isKnown}
            description={undefined}
            checked={props.withOnDemand && onDemandWords.isKnown}
            onChange={event => props.onOnDemand(event.currentTarget.checked)}
          />
        </span>
      </Tooltip>
      <Text size="sm" c="dimmed">
        {zoom
          ? `Zoomed to ${formatDuration((zoom.toS - zoom.fromS) * 1_000)}; double click or 0 shows all`
          : 'Drag to zoom'}
      </Text>
      <Group gap={4} ml="auto">
        <Tooltip label="Save what is shown as CSV">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Save the history as CSV"
            onClick={props.onCsv}
          >
            <IconDownload size={18} />
          </ActionIcon>
        </Tooltip>
        <Tooltip label="Save the picture as PNG">
          <ActionIcon
            variant="subtle"
            color="gray"
            aria-label="Save the history as PNG"
            onClick={props.onPng}
          >
            <IconPhotoDown size={18} />
          </ActionIcon>
        </Tooltip>
      </Group>
    </Group>
  );
}
