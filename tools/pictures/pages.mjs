// Which pages there are pictures of. Not here: what stands in them (scene.mjs).

/** Returns the path of every page of the console, by the name of its picture. */
export const pages = ({ user, group, change, refusal, token, endpoint }) => ({
  tenants: '/console',
  connect: '/console/acme/connect',
  'connect-new': '/console/globex/connect',
  credential: `/console/acme/connect/tokens/${token}`,
  activity: '/console/acme/activity',
  change: `/console/acme/activity/${change}`,
  refusal: `/console/acme/activity/r${refusal}`,
  users: '/console/acme/users',
  user: `/console/acme/users/${user}`,
  groups: '/console/acme/groups',
  group: `/console/acme/groups/${group}`,
  roles: '/console/acme/roles',
  deliveries: '/console/acme/deliveries',
  endpoint: `/console/acme/deliveries/${endpoint}`,
  health: '/console/acme/health',
  'health-bad': '/console/northwind/health',
  audit: '/console/acme/audit',
  settings: '/console/acme/settings',
  'users-empty': '/console/globex/users',
  'activity-empty': '/console/globex/activity',
});

/** Returns the pictures of the documents. */
export const shown = (scene) => {
  const all = pages(scene);
  return {
    connect: { path: all.connect, height: 800 },
    activity: { path: all.activity, height: 700 },
    refusal: { path: all.refusal, height: 560 },
    user: { path: all.user, height: 760 },
    roles: { path: all.roles, height: 640 },
    health: { path: all['health-bad'], height: 620 },
    dark: { path: all.group, height: 620, colorScheme: 'dark' },
  };
};
