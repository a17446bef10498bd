const common: Readonly<Record<string, string>> = {
  listen_addresses: '127.0.0.1',
  unix_socket_directories: '',
  timezone: 'UTC',
  log_timezone: 'UTC',
  lc_messages: 'C',
  jit: 'off',
  io_method: 'sync',
  max_connections: '120',
};

/** Safe: what is committed survives a crash of the machine. */
const durable: Readonly<Record<string, string>> = {
  ...common,
  shared_buffers: '128MB',
  max_wal_size: '1GB',
  checkpoint_timeout: '15min',
};

/** Fast and forgetful, for tests: a crash of the machine loses the whole database. */
const ephemeral: Readonly<Record<string, string>> = {
  ...common,
  shared_buffers: '48MB',
  fsync: 'off',
  synchronous_commit: 'off',
  full_page_writes: 'off',
  wal_level: 'minimal',
  max_wal_senders: '0',
  checkpoint_timeout: '1h',
};

/** Command line of the server. */
export function serverFlags(options: {
  readonly dataDir: string;
  readonly port: number;
  readonly isEphemeral: boolean;
}): string[] {
  const settings = options.isEphemeral ? ephemeral : durable;
  const flags = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  return ['-D', options.dataDir, '-p', String(options.port), ...flags];
}
