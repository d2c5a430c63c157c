targetScope = 'subscription'

metadata name = 'Switchboard'
metadata description = 'A realtime voice model on a web page, without a key there: gateway, site, model, storage, monitoring.'

// ---- Where ----------------------------------------------------------------------------------------------------------

@description('Name of the azd environment. It is part of the names of all resources.')
@minLength(1)
@maxLength(32)
param environmentName string

// The two regions that Microsoft's WebRTC article names for the models. Others: modelLocation and appLocation.
@description('Region of everything that has no region of its own below.')
@allowed(['eastus2', 'swedencentral'])
@metadata({
  azd: {
    type: 'location'
    default: 'eastus2'
    usageName: ['OpenAI.GlobalStandard.gpt-realtime-2.1,5']
  }
})
param location string

@description('Region of the model account; empty for location.')
param modelLocation string = ''

@description('Region of the gateway, its storage and its logs; empty for location.')
param appLocation string = ''

@description('Region of the static site\'s build service; empty for the nearest one that has it.')
@allowed(['', 'westus2', 'centralus', 'eastus2', 'westeurope', 'eastasia'])
param siteLocation string = ''

@description('Object id of who provisions; gets the data roles of a developer. Empty for nobody.')
param principalId string = ''

@description('Kind of the one who provisions.')
@allowed(['User', 'ServicePrincipal', 'Group'])
param principalType string = 'User'

// ---- The model ------------------------------------------------------------------------------------------------------

@description('Resource id of a model account to use instead of making one. It must have both deployments, a custom subdomain, and let you assign roles.')
param existingAccountId string = ''

@description('Voice model.')
@allowed(['gpt-realtime', 'gpt-realtime-1.5', 'gpt-realtime-2', 'gpt-realtime-2.1', 'gpt-realtime-2.1-mini'])
param realtimeModel string = 'gpt-realtime-2.1'

@description('Version of the voice model; empty for the one that is known to work over WebRTC.')
@allowed(['', '2025-08-28', '2026-02-23', '2026-05-07', '2026-07-07'])
param realtimeModelVersion string = ''

@description('Name of the voice model\'s deployment; empty for the model\'s name.')
param realtimeDeployment string = ''

@description('Quota of the voice model, in the units of the subscription\'s quota page.')
@minValue(1)
@maxValue(1000)
param realtimeCapacity int = 5

@description('Model that writes down what the caller says. A session whose transcription deployment is missing fails at every turn.')
@allowed(['gpt-realtime-whisper', 'gpt-4o-transcribe', 'gpt-4o-mini-transcribe'])
param transcriptionModel string = 'gpt-realtime-whisper'

@description('Version of the transcription model; empty for the one that goes with it.')
@allowed(['', '2025-03-20', '2025-12-15', '2026-05-06'])
param transcriptionModelVersion string = ''

@description('Name of the transcription model\'s deployment; empty for the model\'s name.')
param transcriptionDeployment string = ''

@description('Quota of the transcription model.')
@minValue(1)
@maxValue(1000)
param transcriptionCapacity int = 1

@description('Role on the model account for the gateway and the developer.')
@allowed(['cognitiveServicesOpenAIUser', 'cognitiveServicesUser'])
param modelRole string = 'cognitiveServicesOpenAIUser'

@description('Whether the model account can be reached from the internet. Off is untested with WebRTC: browsers send their audio to it.')
param modelPublicNetworkAccess bool = true

// ---- The gateway's app settings, by their names in the code ---------------------------------------------------------

@description('REALTIME_PROTOCOL. preview is deprecated; it needs an account with a preview model, and a voice that the model has.')
@allowed(['ga', 'preview'])
param realtimeProtocol string = 'ga'

@description('REALTIME_TOKEN_SCOPE; empty for https://ai.azure.com/.default. Not beside an API key.')
param realtimeTokenScope string = ''

@description('REALTIME_ENDPOINT: further endpoints, comma-separated, tried after the account\'s own. Roles there are yours to assign.')
param realtimeFallbackEndpoints string = ''

@description('REALTIME_API_KEY: address of a Key Vault secret with the key, where Entra cannot be used; empty for Entra. The identity needs Key Vault Secrets User there.')
param realtimeApiKeySecretUri string = ''

@description('REALTIME_WEBRTC_FILTER.')
@allowed(['on', 'off'])
param realtimeWebrtcFilter string = 'on'

@description('SESSION_INSTRUCTIONS.')
param sessionInstructions string = 'You are a friendly assistant on a website. Answer in one or two short sentences.'

@description('SESSION_VOICE.')
param sessionVoice string = 'marin'

@description('SESSION_CONFIG: fields of the Realtime API\'s session, merged over the others.')
param sessionConfig object = {}

@description('SIGNALLING: whether offers go through the gateway, straight to the service with a client secret, or either way.')
@allowed(['proxy', 'token', 'both'])
param signalling string = 'proxy'

@description('CLIENT_SECRET_SECONDS.')
@minValue(10)
@maxValue(7200)
param clientSecretSeconds int = 600

@description('MAX_CALL_SECONDS. The service itself ends a session after 60 minutes.')
@minValue(1)
@maxValue(3600)
param maxCallSeconds int = 1800

@description('MAX_IDLE_SECONDS.')
@minValue(1)
@maxValue(3600)
param maxIdleSeconds int = 300

@description('TOKEN_SECONDS: how long a client secret lives that a page gets for a call of its own.')
@minValue(10)
@maxValue(7200)
param tokenSeconds int = 10

@description('MAX_CALLS: how many calls all callers together may be in at the same time.')
@minValue(1)
param maxCalls int = 100

@description('MAX_TOKENS_PER_MINUTE: how many tokens one caller may take in a minute.')
@minValue(1)
param maxTokensPerMinute int = 30

@description('DAILY_SECONDS_PER_CALLER: how many seconds one caller may talk in a day; 0 means without a limit.')
@minValue(0)
param dailySecondsPerCaller int = 0

@description('DAILY_BUDGET: what all calls of a day may cost together, in the currency of PRICES; empty means without a limit.')
param dailyBudget string = ''

@description('BUDGET_ENDS_CALLS: whether live calls end when the budget is spent.')
@allowed(['on', 'off'])
param budgetEndsCalls string = 'off'

@description('MAX_CALLS_PER_CALLER.')
@minValue(1)
param maxCallsPerCaller int = 2

@description('REQUIRE_SIGN_IN. Also gates the routes that cost money, at the site.')
param requireSignIn bool = false

@description('OPERATOR_ROLE.')
param operatorRole string = 'operator'

@description('ALLOWED_ORIGINS: further origins, comma-separated, beside the site\'s own.')
param allowedOrigins string = ''

@description('ARCHIVE_TRANSCRIPTS.')
@allowed(['on', 'off'])
param archiveTranscripts string = 'on'

@description('ARCHIVE_RETENTION_DAYS, and the storage account\'s rule that deletes.')
@minValue(1)
@maxValue(3650)
param archiveRetentionDays int = 30

@description('CONSENT_NOTICE.')
param consentNotice string = ''

@description('PRICES: what a million tokens cost, for the page\'s estimate.')
param prices object = {}

// ---- Size, network, watching ----------------------------------------------------------------------------------------

@description('Python version of the gateway.')
@allowed(['3.11', '3.12', '3.13', '3.14'])
param pythonVersion string = '3.13'

@description('Memory of an instance in MB.')
@allowed([512, 2048, 4096])
param instanceMemoryMB int = 2048

@description('Most instances of each function group, always-ready ones not counted.')
@minValue(1)
@maxValue(1000)
param maximumInstanceCount int = 40

@description('HTTP requests that an instance works on at a time.')
@minValue(1)
@maxValue(1000)
param httpConcurrency int = 32

@description('Instances that always wait for HTTP requests: no cold start at the click, for a price.')
@minValue(0)
@maxValue(20)
param alwaysReadyHttp int = 1

@description('Instances that always wait to observe a call: the limits are watched from the first second, for a price.')
@minValue(0)
@maxValue(20)
param alwaysReadyObserver int = 1

@description('Redundancy of the storage account.')
@allowed(['Standard_LRS', 'Standard_ZRS', 'Standard_GRS', 'Standard_GZRS'])
param storageSku string = 'Standard_ZRS'

@description('Days for which deleted blobs can be brought back. What retention deletes is gone for good after these.')
@minValue(1)
@maxValue(365)
param softDeleteDays int = 7

@description('Puts storage and model behind private endpoints, and the gateway into a virtual network.')
param vnetEnabled bool = false

@description('Address range of the virtual network.')
param vnetAddressPrefix string = '10.60.0.0/16'

@description('Part of it for the private endpoints.')
param vnetEndpointsPrefix string = '10.60.1.0/24'

@description('Part of it for the gateway.')
param vnetGatewayPrefix string = '10.60.2.0/24'

@description('Makes a network security group with the rule that clients need (FIREWALL.md).')
param clientNsgEnabled bool = false

@description('Makes an Azure Firewall policy with the rule that clients need (FIREWALL.md).')
param clientFirewallPolicyEnabled bool = false

@description('Address ranges of the clients, comma-separated, for the firewall policy.')
param clientRanges string = '10.0.0.0/8'

@description('Resource id of a firewall policy that the clients\' policy inherits from; empty for none.')
param clientFirewallBasePolicyId string = ''

@description('Who gets mail from alerts and budget; empty for nobody.')
param alertEmail string = ''

@description('Budget for the resource group a month, in the subscription\'s currency; 0 for none. Needs alertEmail.')
@minValue(0)
param monthlyBudget int = 0

@description('First month of the budget; left alone, the month of the deployment.')
param budgetStartDate string = '${utcNow('yyyy-MM')}-01'

@description('Days for which logs are kept.')
@minValue(30)
@maxValue(730)
param logRetentionDays int = 30

@description('GB of logs a day, after which ingestion stops until the next.')
@minValue(1)
@maxValue(100)
param logDailyCapGb int = 1

// ---- Names and derived values ---------------------------------------------------------------------------------------

var token = uniqueString(subscription().id, environmentName, location)
var tags = { 'azd-env-name': environmentName }
var names = {
  account: 'cog-${token}'
  archiveContainer: 'archive'
  group: 'rg-${environmentName}'
  insights: 'appi-${token}'
  packageContainer: 'packages'
  storage: 'st${token}'
}
// The host would make the poison queues at the first failure. Made here, they can be looked at from the first day.
var queues = ['observe-calls', 'observe-calls-poison', 'call-summaries', 'call-summaries-poison']
// The only port of the media: the service's SDP answers offer no other, over UDP and TCP.
var mediaPort = 3478

var gatewayRegion = empty(appLocation) ? location : appLocation
var modelRegion = empty(modelLocation) ? location : modelLocation
// Sweden Central builds no static sites; West Europe is the nearest that does.
var siteRegion = empty(siteLocation) ? (location == 'swedencentral' ? 'westeurope' : 'eastus2') : siteLocation

var realtimeVersions = {
  'gpt-realtime': '2025-08-28'
  'gpt-realtime-1.5': '2026-02-23'
  'gpt-realtime-2': '2026-05-07'
  'gpt-realtime-2.1': '2026-07-07'
  'gpt-realtime-2.1-mini': '2026-07-07'
}
var transcriptionVersions = {
  'gpt-realtime-whisper': '2026-05-06'
  'gpt-4o-transcribe': '2025-03-20'
  'gpt-4o-mini-transcribe': '2025-12-15'
}
var realtimeName = empty(realtimeDeployment) ? realtimeModel : realtimeDeployment
var transcriptionName = empty(transcriptionDeployment) ? transcriptionModel : transcriptionDeployment

// The account's place is cut out of a resource id that is there in either case.
var ownAccount = empty(existingAccountId)
var groupId = '/subscriptions/${subscription().subscriptionId}/resourceGroups/${names.group}'
var ownAccountId = '${groupId}/providers/Microsoft.CognitiveServices/accounts/${names.account}'
var accountPath = split(ownAccount ? ownAccountId : existingAccountId, '/')

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: names.group
  location: location
  tags: tags
}

// ---- Modules --------------------------------------------------------------------------------------------------------

module identity 'modules/identity.bicep' = {
  scope: group
  params: {
    name: 'id-${token}'
    location: gatewayRegion
    tags: tags
  }
}

module monitoring 'modules/monitoring.bicep' = {
  scope: group
  params: {
    workspaceName: 'log-${token}'
    insightsName: names.insights
    location: gatewayRegion
    tags: tags
    retentionDays: logRetentionDays
    dailyCapGb: logDailyCapGb
  }
}

module storage 'modules/storage.bicep' = {
  scope: group
  params: {
    name: names.storage
    location: gatewayRegion
    tags: tags
    skuName: storageSku
    publicNetworkAccess: !vnetEnabled
    packageContainer: names.packageContainer
    archiveContainer: names.archiveContainer
    queues: queues
    archiveRetentionDays: archiveRetentionDays
    softDeleteDays: softDeleteDays
  }
}

module model 'modules/model.bicep' = if (ownAccount) {
  scope: group
  params: {
    name: names.account
    location: modelRegion
    tags: tags
    publicNetworkAccess: modelPublicNetworkAccess
    workspaceId: monitoring.outputs.workspaceId
    deployments: [
      {
        name: realtimeName
        model: realtimeModel
        version: empty(realtimeModelVersion) ? realtimeVersions[realtimeModel] : realtimeModelVersion
        capacity: realtimeCapacity
      }
      {
        name: transcriptionName
        model: transcriptionModel
        version: empty(transcriptionModelVersion) ? transcriptionVersions[transcriptionModel] : transcriptionModelVersion
        capacity: transcriptionCapacity
      }
    ]
  }
}

module existingModel 'modules/model-existing.bicep' = if (!ownAccount) {
  scope: resourceGroup(accountPath[2], accountPath[4])
  params: {
    name: accountPath[8]
  }
}

var accountEndpoint = ownAccount ? model!.outputs.endpoint : existingModel!.outputs.endpoint
var endpoints = empty(realtimeFallbackEndpoints) ? accountEndpoint : '${accountEndpoint},${realtimeFallbackEndpoints}'
var accountRegion = ownAccount ? modelRegion : existingModel!.outputs.location

module access 'modules/access.bicep' = {
  scope: group
  params: {
    storageName: storage.outputs.name
    insightsName: monitoring.outputs.insightsName
    gatewayPrincipalId: identity.outputs.principalId
    developerPrincipalId: principalId
    developerPrincipalType: principalType
  }
}

module modelAccess 'modules/access-model.bicep' = {
  scope: resourceGroup(accountPath[2], accountPath[4])
  params: {
    accountName: accountPath[8]
    role: modelRole
    gatewayPrincipalId: identity.outputs.principalId
    developerPrincipalId: principalId
    developerPrincipalType: principalType
  }
  dependsOn: [model]
}

module network 'modules/network.bicep' = if (vnetEnabled) {
  scope: group
  params: {
    nameSuffix: token
    location: gatewayRegion
    tags: tags
    addressPrefix: vnetAddressPrefix
    endpointsPrefix: vnetEndpointsPrefix
    gatewayPrefix: vnetGatewayPrefix
    storageId: storage.outputs.id
    // Somebody else's account has its endpoints already, or needs none.
    accountId: ownAccount ? model!.outputs.id : ''
  }
}

var gatewaySubnetId = vnetEnabled ? network!.outputs.gatewaySubnetId : ''

module site 'modules/site.bicep' = {
  scope: group
  params: {
    name: 'stapp-${token}'
    location: siteRegion
    tags: tags
  }
}

// Every setting that the code reads, except those of the platform (modules/gateway.bicep).
var settings = {
  ALLOWED_ORIGINS: empty(allowedOrigins) ? site.outputs.uri : '${site.outputs.uri},${allowedOrigins}'
  ARCHIVE_CONTAINER: names.archiveContainer
  ARCHIVE_RETENTION_DAYS: string(archiveRetentionDays)
  ARCHIVE_TRANSCRIPTS: archiveTranscripts
  BUDGET_ENDS_CALLS: budgetEndsCalls
  CLIENT_SECRET_SECONDS: string(clientSecretSeconds)
  CONSENT_NOTICE: consentNotice
  DAILY_BUDGET: dailyBudget
  DAILY_SECONDS_PER_CALLER: string(dailySecondsPerCaller)
  MAX_CALLS: string(maxCalls)
  MAX_CALLS_PER_CALLER: string(maxCallsPerCaller)
  MAX_CALL_SECONDS: string(maxCallSeconds)
  MAX_IDLE_SECONDS: string(maxIdleSeconds)
  MAX_TOKENS_PER_MINUTE: string(maxTokensPerMinute)
  OPERATOR_ROLE: operatorRole
  PRICES: empty(prices) ? '' : string(prices)
  REALTIME_DEPLOYMENT: realtimeName
  REALTIME_ENDPOINT: endpoints
  REALTIME_PROTOCOL: realtimeProtocol
  REALTIME_REGION: accountRegion
  REALTIME_TOKEN_SCOPE: realtimeTokenScope
  REALTIME_WEBRTC_FILTER: realtimeWebrtcFilter
  REQUIRE_SIGN_IN: requireSignIn ? 'true' : 'false'
  SESSION_CONFIG: string(sessionConfig)
  SESSION_INSTRUCTIONS: sessionInstructions
  SESSION_TRANSCRIPTION_DEPLOYMENT: transcriptionName
  SESSION_VOICE: sessionVoice
  SIGNALLING: signalling
  TOKEN_SECONDS: string(tokenSeconds)
}
var apiKey = '@Microsoft.KeyVault(SecretUri=${realtimeApiKeySecretUri})'
var apiKeySetting = empty(realtimeApiKeySecretUri) ? {} : { REALTIME_API_KEY: apiKey }

module gateway 'modules/gateway.bicep' = {
  scope: group
  params: {
    name: 'func-api-${token}'
    planName: 'plan-${token}'
    location: gatewayRegion
    tags: tags
    identityId: identity.outputs.id
    identityClientId: identity.outputs.clientId
    storageName: storage.outputs.name
    packageContainer: names.packageContainer
    insightsName: monitoring.outputs.insightsName
    subnetId: gatewaySubnetId
    pythonVersion: pythonVersion
    instanceMemoryMB: instanceMemoryMB
    maximumInstanceCount: maximumInstanceCount
    httpConcurrency: httpConcurrency
    alwaysReadyHttp: alwaysReadyHttp
    alwaysReadyObserver: alwaysReadyObserver
    settings: union(settings, apiKeySetting)
  }
  // Roles take a while to spread. Made before the app, they have its creation as a head start.
  dependsOn: [access, modelAccess]
}

module siteLink 'modules/site-link.bicep' = {
  scope: group
  params: {
    siteName: site.outputs.name
    backendId: gateway.outputs.id
    backendLocation: gatewayRegion
  }
}

module alerts 'modules/alerts.bicep' = {
  scope: group
  params: {
    namePrefix: 'switchboard-${token}'
    location: gatewayRegion
    tags: tags
    insightsId: monitoring.outputs.insightsId
    email: alertEmail
  }
}

module workbook 'modules/workbook.bicep' = {
  scope: group
  params: {
    displayName: 'Switchboard calls (${environmentName})'
    location: gatewayRegion
    tags: tags
    insightsId: monitoring.outputs.insightsId
  }
}

module budget 'modules/budget.bicep' = if (monthlyBudget > 0 && !empty(alertEmail)) {
  scope: group
  params: {
    name: 'budget-${token}'
    amount: monthlyBudget
    contactEmail: alertEmail
    startDate: budgetStartDate
  }
}

module clientNsg 'modules/clients-nsg.bicep' = if (clientNsgEnabled) {
  scope: group
  params: {
    name: 'nsg-clients-${token}'
    location: gatewayRegion
    tags: tags
    modelLocation: accountRegion
    mediaPort: mediaPort
  }
}

module clientFirewallPolicy 'modules/clients-firewall.bicep' = if (clientFirewallPolicyEnabled) {
  scope: group
  params: {
    name: 'afwp-clients-${token}'
    location: gatewayRegion
    tags: tags
    basePolicyId: clientFirewallBasePolicyId
    clientRanges: split(clientRanges, ',')
    modelLocation: accountRegion
    mediaPort: mediaPort
  }
}

// ---- Outputs: azd keeps them in the environment, for its hooks and for you ------------------------------------------

@description('Region of what has no region of its own.')
output AZURE_LOCATION string = location

@description('Tenant.')
output AZURE_TENANT_ID string = tenant().tenantId

@description('Resource group.')
output AZURE_RESOURCE_GROUP string = group.name

@description('Blob endpoint of the archive.')
output AZURE_STORAGE_BLOB_ENDPOINT string = storage.outputs.blobEndpoint

@description('Container of the archive.')
output AZURE_STORAGE_ARCHIVE_CONTAINER string = names.archiveContainer

@description('Endpoint of the model account.')
output AZURE_OPENAI_ENDPOINT string = accountEndpoint

@description('Deployment of the voice model.')
output AZURE_OPENAI_DEPLOYMENT string = realtimeName

@description('Deployment of the transcription model.')
output AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT string = transcriptionName

@description('Region of the model account.')
output AZURE_OPENAI_REGION string = accountRegion

@description('Service tag for the clients\' firewall rule.')
output CLIENT_SERVICE_TAG string = 'AzureCloud.${accountRegion}'

@description('Name of the function app.')
output SERVICE_API_NAME string = gateway.outputs.name

@description('Address of the function app; it answers through the site only.')
output SERVICE_API_URI string = gateway.outputs.uri

@description('Name of the static site.')
output SERVICE_WEB_NAME string = site.outputs.name

@description('Address to open.')
output SERVICE_WEB_URI string = site.outputs.uri

@description('What the gateway was given, for the site\'s configuration: the endpoints.')
output GATEWAY_ENDPOINTS string = endpoints

@description('What the gateway was given, for the site\'s configuration: the protocol.')
output GATEWAY_PROTOCOL string = realtimeProtocol

@description('What the gateway was given, for the site\'s configuration: the way of signalling.')
output GATEWAY_SIGNALLING string = signalling

@description('What the gateway was given, for the site\'s configuration: whether callers must sign in.')
output GATEWAY_REQUIRE_SIGN_IN bool = requireSignIn

@description('What the gateway was given, for the site\'s configuration: the operators\' role.')
output GATEWAY_OPERATOR_ROLE string = operatorRole
