/** Chart.yaml of a new chart. */
export function starterChartYaml(name: string): string {
  return `apiVersion: v2
name: ${name}
description: A Helm chart for Kubernetes

# "application": templates that are installed.
# "library": nothing but definitions that other charts include; a library cannot be installed.
type: application

# The version of the chart itself. Raise it with every change of the chart, as semver.org says.
version: 0.1.0

# The version of what the chart installs. It is the default image tag, and a text of any form: keep the quotes.
appVersion: "1.16.0"
`;
}

/** .helmignore of a new chart. */
export const STARTER_IGNORE = `# What is left out when the chart is loaded and packaged: one shell pattern a line, "name/" for folders,
# "/name" for the chart's top level, "!pattern" for all but that.
.DS_Store
# Version control
.git/
.gitignore
.bzr/
.bzrignore
.hg/
.hgignore
.svn/
# Backups
*.swp
*.bak
*.tmp
*.orig
*~
# Editors
.project
.idea/
*.tmproj
.vscode/
`;
