import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';

/** What the Terraform modules of the server say, without Terraform. */
const read = (path: string) => readFileSync(join(import.meta.dirname, '../..', path), 'utf8');

describe('the database of Terraform', () => {
  it('is private, encrypted, backed up, kept from being deleted, and its password is in no file', () => {
    const main = read('infra/terraform/database/main.tf');
    const instance = main.match(/^resource "aws_db_instance" "database" \{\n([\s\S]*?)^\}/m)?.[1] ?? '';
    const settings = Object.fromEntries(
      [...instance.matchAll(/^ {2}(\w+)\s+= (.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(settings).toMatchObject({
      engine: '"postgres"',
      manage_master_user_password: 'true',
      storage_encrypted: 'true',
      publicly_accessible: 'false',
      backup_retention_period: 'var.backup_days',
      deletion_protection: 'true',
      skip_final_snapshot: 'false',
    });
    expect(main).not.toMatch(/^\s*password\s*=|cidr_blocks/m);
    expect(main).toMatch(/name {2}= "rds\.force_ssl"\n\s+value = "1"/);
  });
});

describe('the Redis of Terraform', () => {
  it('is encrypted, in two zones, open to named groups alone, and has no password in a file', () => {
    const main = read('infra/terraform/redis/main.tf');
    const group = main.match(/^resource "aws_elasticache_replication_group" "redis" \{\n([\s\S]*?)^\}/m)?.[1];
    const settings = Object.fromEntries(
      [...(group ?? '').matchAll(/^ {2}(\w+)\s+= (.*)$/gm)].map(([, name, value]) => [name, value]),
    );
    expect(settings).toMatchObject({
      transit_encryption_enabled: 'true',
      at_rest_encryption_enabled: 'true',
      multi_az_enabled: 'true',
      automatic_failover_enabled: 'true',
    });
    expect(main).not.toMatch(/^\s*(password|auth_token)\s*=|cidr_blocks/m);
    expect(read('infra/terraform/redis/outputs.tf')).toContain('"rediss://$');
  });
});
