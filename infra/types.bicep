metadata description = 'Types of the parameters: single values with their ranges, and the groups of settings that modules take.'

// ---- Values -----------------------------------------------------------------------------------------------------------
// Each is a name for a plain type, never for another name: azd looks one name deep.

@export()
@description('A switch. true and on mean the same, and so do false and off.')
type switchValue = 'true' | 'false' | 'on' | 'off'

@export()
@description('Units of a model\'s quota; what a unit carries differs from model to model.')
@minValue(1)
type quotaUnits = int

@export()
@description('Units of a model\'s quota; 0 for what goes with the model.')
@minValue(0)
type quotaUnitsOrDefault = int

@export()
@description('Seconds that a client secret lives; the service takes no others.')
@minValue(10)
@maxValue(7200)
type secretSeconds = int

@export()
@description('Seconds of a call. The platform gives a function that it takes an instance from 60 minutes: a minute stays for the end.')
@minValue(1)
@maxValue(3540)
type callSeconds = int

@export()
@description('Seconds in which nothing happens in a call.')
@minValue(1)
@maxValue(3600)
type idleSeconds = int

@export()
@description('Seconds that a tool may run.')
@minValue(1)
@maxValue(120)
type toolSecondsRange = int

@export()
@description('A number of one or more.')
@minValue(1)
type atLeastOne = int

@export()
@description('Days for which the archive is kept.')
@minValue(1)
@maxValue(3650)
type archiveDays = int

@export()
@description('Days for which storage can bring back what was deleted.')
@minValue(1)
@maxValue(365)
type recoveryDays = int

@export()
@description('Days for which a workspace can keep its logs.')
@minValue(30)
@maxValue(730)
type logDays = int

@export()
@description('Instances of a function app, or requests on one of them.')
@minValue(1)
@maxValue(1000)
type upToThousand = int

@export()
@description('Instances that always wait.')
@minValue(0)
@maxValue(1000)
type waitingInstances = int

@export()
@description('A number of zero or more; 0 for none.')
@minValue(0)
type notNegative = int

// ---- Groups -----------------------------------------------------------------------------------------------------------

@export()
@sealed()
@description('Where resources go, what marks them, and what makes their names unlike anybody else\'s.')
type placeSettings = {
  @description('Region, as Azure writes it: small letters, no spaces.')
  region: string

  @description('Tags of every resource.')
  tags: object

  @description('Last part of every name: what uniqueString() gives.')
  @minLength(13)
  @maxLength(13)
  nameSuffix: string
}

@export()
@sealed()
@description('The static site.')
type siteSettings = {
  @description('Region of its build service.')
  region: string

  @description('Domain of one\'s own; empty for none.')
  domain: string

  @description('Origins besides the site\'s own whose pages may call the gateway.')
  allowedOrigins: string[]
}

@sealed()
@description('One deployment of a model.')
type deploymentSettings = {
  @description('Name, as the gateway sends it.')
  name: string

  @description('Name of the model.')
  model: string

  @description('Version of the model.')
  version: string

  @description('Quota, in units.')
  capacity: int
}

@export()
@sealed()
@description('The model account, and what the gateway uses beside it.')
type modelSettings = {
  @description('Resource id of an account that is there already; empty to make one.')
  existingAccountId: string

  @description('Region of the account that is made.')
  region: string

  @description('Role on the account for the gateway and the developer.')
  role: 'cognitiveServicesOpenAIUser' | 'cognitiveServicesUser'

  @description('Whether the account can be reached from the internet.')
  publicNetworkAccess: bool

  @description('Its deployments.')
  deployments: deploymentSettings[]

  @description('Endpoints of other accounts, with the same deployments.')
  furtherEndpoints: string[]

  @description('Address of the Key Vault secret that holds a key, where Entra cannot be used; else empty.')
  apiKeySecretUri: string
}

@export()
@sealed()
@description('The storage account.')
type storageSettings = {
  @description('Redundancy. ZRS survives the loss of a zone.')
  skuName: 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS'

  @description('Days after which a journal, a call summary or a poison message is deleted.')
  archiveRetentionDays: int

  @description('Days for which what was deleted can be brought back.')
  softDeleteDays: int

  @description('What is logged: deletes of blobs; all, which adds their reads and writes and the gateway\'s platform logs; or off.')
  audit: 'deletes' | 'all' | 'off'

  @description('Whether a lock keeps the account from being deleted.')
  locked: bool
}

@export()
@sealed()
@description('Size and runtime of a function app.')
type gatewaySettings = {
  @description('Python version.')
  pythonVersion: string

  @description('Memory of an instance in MB.')
  instanceMemoryMB: 512 | 2048 | 4096

  @description('Most instances of each function group, always-ready ones not counted.')
  maximumInstanceCount: int

  @description('HTTP requests that an instance works on at a time.')
  httpConcurrency: int

  @description('Instances that always wait for HTTP requests.')
  alwaysReadyHttp: int

  @description('Instances that always wait for a call to observe.')
  alwaysReadyObserver: int
}

@export()
@sealed()
@description('What a function app uses.')
type gatewayParts = {
  @description('Resource id of the identity that it runs as.')
  identityId: string

  @description('Client id of that identity.')
  identityClientId: string

  @description('Name of the storage account.')
  storageName: string

  @description('Name of the Application Insights component.')
  insightsName: string

  @description('Workspace for the platform\'s own logs of the app; empty for none.')
  workspaceId: string

  @description('Subnet for what the app sends; empty for none.')
  subnetId: string
}

@export()
@sealed()
@description('The network of the private endpoints: made here, or somebody else\'s.')
type networkSettings = {
  @description('Whether storage and model are behind private endpoints.')
  enabled: bool

  @description('Address range of the network that is made.')
  addressPrefix: string

  @description('Part of it for the private endpoints.')
  endpointsPrefix: string

  @description('Part of it for the gateway; a /27 at the least.')
  gatewayPrefix: string

  @description('Resource id of a subnet that is there already for the private endpoints; empty to make a network.')
  endpointsSubnetId: string

  @description('Resource id of a subnet that is there already for the gateway, delegated to Microsoft.App/environments.')
  gatewaySubnetId: string

  @description('Resource id of the resource group with the private DNS zones; empty to make them; none where somebody else registers the endpoints.')
  dnsZones: string
}

@export()
@sealed()
@description('One private endpoint.')
type endpointSettings = {
  @description('Name of the endpoint.')
  name: string

  @description('Resource id of what it leads to.')
  target: string

  @description('Which part of that: blob, queue or account.')
  group: string

  @description('Private DNS zones that must resolve to it.')
  zones: string[]
}

@export()
@sealed()
@description('The rule that clients need, as code.')
type clientSettings = {
  @description('Whether to make it as a network security group.')
  securityGroup: bool

  @description('Whether to make it as an Azure Firewall policy.')
  firewallPolicy: bool

  @description('Address ranges of the clients, as CIDR, for the firewall policy.')
  ranges: string[]

  @description('Resource id of the firewall policy to inherit from; empty for none.')
  basePolicyId: string
}

@export()
@sealed()
@description('Logs, alerts and the budget.')
type watchingSettings = {
  @description('Resource id of a Log Analytics workspace that is there already; empty to make one.')
  workspaceId: string

  @description('Days for which logs are kept, in a workspace that is made.')
  retentionDays: int

  @description('GB of logs a day, after which ingestion stops until the next, in a workspace that is made.')
  dailyCapGb: int

  @description('Who gets the mails; empty for nobody (alerts then show in the portal only).')
  email: string

  @description('Messages in the queues above which calls wait for an observer: more than all instances can observe.')
  observerCapacity: int

  @description('Amount of the budget a month, in the currency of the subscription; 0 for none.')
  monthlyBudget: int

  @description('First day of the budget\'s first month. Azure lets nobody change it later.')
  budgetStartDate: string

  @description('Name that the portal shows for the workbook.')
  workbookName: string

  @description('Where traces and figures go.')
  telemetry: 'off' | 'otlp' | 'azure'

  @description('Address of a Key Vault secret with the headers of the OTLP endpoint; empty for none.')
  otlpHeadersSecretUri: string
}

@export()
@sealed()
@description('The gateway that clients reach directly, and who may take tokens there.')
type directSettings = {
  @description('Whether there is one.')
  enabled: bool

  @description('Client id of the app registration that callers\' tokens are made out to.')
  clientId: string

  @description('Audiences that a token may have.')
  audiences: string[]

  @description('Client ids of the applications that may come. The platform lets nobody in where the list is empty.')
  applications: string[]
}
