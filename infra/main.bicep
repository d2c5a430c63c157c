targetScope = 'subscription'

metadata name = 'Switchboard'
metadata description = 'A realtime voice model on a web page, without a key there: gateway, site, model, storage, monitoring.'

// Parameters are flat and of plain types, one for each variable of the environment (main.parameters.json): azd turns text
// into numbers only at this level. Below them they are gathered into the typed groups that modules take (types.bicep).
import { switchValue, quotaUnits, quotaUnitsOrDefault, secretSeconds, callSeconds, idleSeconds, atLeastOne } from 'types.bicep'
import { archiveDays, recoveryDays, logDays, upToThousand, waitingInstances, notNegative, toolSecondsRange } from 'types.bicep'
import { placeSettings, siteSettings, modelSettings, storageSettings, gatewaySettings } from 'types.bicep'
import { networkSettings, clientSettings, watchingSettings, directSettings } from 'types.bicep'

// ---- Where ------------------------------------------------------------------------------------------------------------

@description('Name of the azd environment. It is part of the names of all resources.')
@minLength(1)
@maxLength(64)
param environmentName string

// The two regions that Microsoft's WebRTC article names for the models. Others: modelLocation and appLocation.
@description('Region of everything that has no region of its own below.')
@allowed(['eastus2', 'swedencentral'])
@metadata({ azd: { type: 'location', default: 'eastus2' } })
param location string
@description('Region of the model account; empty for location.')
param modelLocation string = ''
@description('Region of the gateway, its storage and its logs; empty for location.')
param appLocation string = ''
@description('Region of the static site\'s build service; empty for the nearest one that has it.')
param siteLocation string = ''
@description('Name of the resource group; empty for rg-<environment>. It belongs to the environment: azd down deletes it.')
param resourceGroupName string = ''
@description('TAGS: further tags of every resource.')
param extraTags object = {}
@description('Object id of who provisions; a person gets the data roles of a developer.')
param principalId string = ''
@description('Kind of the one who provisions.')
param principalType 'User' | 'ServicePrincipal' | 'Group' = 'User'
@description('Whether a person who provisions may use the model and read the archive, to work against them from a laptop.')
param developerAccess switchValue = 'true'

// ---- The model --------------------------------------------------------------------------------------------------------

@description('Resource id of a model account to use instead of making one. It must have both deployments, a custom subdomain, and let you assign roles.')
param existingAccountId string = ''
@description('Voice model.')
param realtimeModel 'gpt-realtime' | 'gpt-realtime-mini' | 'gpt-realtime-1.5' | 'gpt-realtime-2.1' | 'gpt-realtime-2.1-mini' = 'gpt-realtime-2.1'
@description('Version of the voice model; empty for the one that is known to work over WebRTC.')
param realtimeModelVersion string = ''
@description('Name of the voice model\'s deployment; empty for the model\'s name.')
param realtimeDeployment string = ''
@description('Quota of the voice model, in units. A unit of gpt-realtime-2.1 is 20 requests and 10,000 tokens a minute: two calls at once, roughly.')
param realtimeCapacity quotaUnits = 5
@description('Model that writes down what the caller says. A session whose transcription deployment is missing fails at every turn.')
param transcriptionModel 'gpt-realtime-whisper' | 'gpt-4o-mini-transcribe' = 'gpt-realtime-whisper'
@description('Version of the transcription model; empty for the one that goes with it.')
param transcriptionModelVersion string = ''
@description('Name of the transcription model\'s deployment; empty for the model\'s name.')
param transcriptionDeployment string = ''
@description('Quota of the transcription model, in its own units; 0 for what goes with the model.')
param transcriptionCapacity quotaUnitsOrDefault = 0
@description('Role on the model account for the gateway and the developer.')
param modelRole 'cognitiveServicesOpenAIUser' | 'cognitiveServicesUser' = 'cognitiveServicesOpenAIUser'
@description('Whether the model account can be reached from the internet. Off is untested with WebRTC: browsers send their audio to it.')
param modelPublicNetworkAccess switchValue = 'true'

// ---- The gateway's app settings, by their names in the code -----------------------------------------------------------

@description('REALTIME_PROTOCOL. preview is deprecated; it needs an account with a preview model, and a voice that the model has.')
param realtimeProtocol 'ga' | 'preview' = 'ga'
@description('REALTIME_TOKEN_SCOPE; empty for https://ai.azure.com/.default. Not beside an API key.')
param realtimeTokenScope string = ''
@description('REALTIME_ENDPOINT: further endpoints, comma-separated, beside the account\'s own. Roles there are yours to assign.')
param realtimeFallbackEndpoints string = ''
@description('REALTIME_SPREAD: whether calls are spread over all endpoints, instead of the further ones being kept for failures.')
param realtimeSpread switchValue = 'false'
@description('REALTIME_API_KEY: address of a Key Vault secret with the key, where Entra cannot be used; empty for Entra. The identity needs Key Vault Secrets User there.')
param realtimeApiKeySecretUri string = ''
@description('REALTIME_WEBRTC_FILTER.')
param realtimeWebrtcFilter switchValue = 'true'
@description('SESSION_INSTRUCTIONS.')
param sessionInstructions string = ''
@description('SESSION_VOICE.')
param sessionVoice string = ''
@description('SESSION_CONFIG: fields of the Realtime API\'s session, merged over the others.')
param sessionConfig object = {}
@description('SIGNALLING: whether offers go through the gateway, straight to the service with a client secret, or either way.')
param signalling 'proxy' | 'token' | 'both' = 'proxy'
@description('CLIENT_SECRET_SECONDS.')
param clientSecretSeconds secretSeconds = 600
@description('MAX_CALL_SECONDS. The service itself ends a session after 60 minutes.')
param maxCallSeconds callSeconds = 1800
@description('MAX_IDLE_SECONDS.')
param maxIdleSeconds idleSeconds = 300
@description('TOKEN_SECONDS: how long a client secret lives that a page gets for a call of its own.')
param tokenSeconds secretSeconds = 10
@description('CONTINUE_SECONDS: for how many seconds after its end a call may be continued by its caller; 0 means never.')
param continueSeconds notNegative = 600
@description('MAX_CALLS: how many calls all callers together may be in at the same time.')
param maxCalls atLeastOne = 100
@description('TOOL_SECONDS: how long a tool may run.')
param toolSeconds toolSecondsRange = 20
@description('MAX_TOOL_ROUNDS: how many times in a row the model may call tools before the caller speaks again.')
param maxToolRounds upToThousand = 8
@description('MAX_TOOL_CALLS: how many tools may run in one call.')
param maxToolCalls upToThousand = 100
@description('TOOL_HTTP_HOSTS: the hosts that the tools http_get and http_post may reach, comma-separated.')
param toolHttpHosts string = ''
@description('TOOL_HTTP_HEADERS: a Key Vault reference to JSON with headers that these two tools send.')
param toolHttpHeaders string = ''
@description('MAX_TOKENS_PER_MINUTE: how many tokens one caller may take in a minute.')
param maxTokensPerMinute atLeastOne = 30
@description('DAILY_SECONDS_PER_CALLER: how many seconds one caller may talk in a day; 0 means without a limit.')
param dailySecondsPerCaller notNegative = 0
@description('DAILY_BUDGET: what all calls of a day may cost together, in the currency of PRICES; empty means without a limit.')
param dailyBudget string = ''
@description('BUDGET_ENDS_CALLS: whether live calls end when the budget is spent.')
param budgetEndsCalls switchValue = 'false'
@description('MAX_CALLS_PER_CALLER.')
param maxCallsPerCaller atLeastOne = 2
@description('REQUIRE_SIGN_IN. Also gates the routes that cost money, at the site.')
param requireSignIn switchValue = 'false'
@description('OPERATOR_ROLE.')
param operatorRole string = 'operator'
@description('OPENAI_CLIENTS: what the routes of OpenAI\'s clients offer. With full, whoever may take a token sees the instructions. The direct gateway takes off for filtered.')
param openaiClients 'off' | 'filtered' | 'full' = 'off'
@description('ALLOWED_ORIGINS: further origins, comma-separated, beside the site\'s own.')
param allowedOrigins string = ''
@description('ARCHIVE_TRANSCRIPTS.')
param archiveTranscripts switchValue = 'true'
@description('ARCHIVE_RETENTION_DAYS, and the storage account\'s rule that deletes.')
param archiveRetentionDays archiveDays = 30
@description('CONSENT_NOTICE.')
param consentNotice string = ''
@description('PRICES: what a million tokens cost, for the page\'s estimate.')
param prices object = {}
@description('TELEMETRY: where traces and figures go. azure is the Application Insights of this template, otlp the endpoint below.')
param telemetry 'off' | 'otlp' | 'azure' = 'off'
@description('OTEL_EXPORTER_OTLP_ENDPOINT: base URL of the endpoint that takes OTLP over HTTP; for TELEMETRY=otlp.')
param otlpEndpoint string = ''
@description('OTEL_EXPORTER_OTLP_HEADERS: address of a Key Vault secret with the endpoint\'s headers; empty for none. The identity needs Key Vault Secrets User there.')
param otlpHeadersSecretUri string = ''

// ---- The gateway that clients reach directly --------------------------------------------------------------------------

@description('Whether to make a second function app with the routes of OpenAI\'s clients, reached without the site, behind App Service Authentication.')
param directGateway 'true' | 'false' = 'false'
@description('Client id of the app registration that tokens for the direct gateway are made out to.')
param directGatewayClientId string = ''
@description('Audiences of those tokens, comma-separated; empty for the client id and api://<client id>.')
param directGatewayAudiences string = ''
@description('Client ids of the applications that may take tokens at the direct gateway, comma-separated.')
param directGatewayApplications string = ''

// ---- Size, network, watching ------------------------------------------------------------------------------------------

@description('Python version of the gateway.')
param pythonVersion '3.11' | '3.12' | '3.13' | '3.14' = '3.13'
@description('Memory of an instance in MB.')
param instanceMemoryMB 512 | 2048 | 4096 = 2048
@description('Most instances of each function group, always-ready ones not counted.')
param maximumInstanceCount upToThousand = 40
@description('HTTP requests that an instance works on at a time.')
param httpConcurrency upToThousand = 32
@description('Instances that always wait for HTTP requests: no cold start at the click, for a price.')
param alwaysReadyHttp waitingInstances = 1
@description('Instances that always wait to observe a call: the limits are watched from the first second, for a price.')
param alwaysReadyObserver waitingInstances = 1
@description('Redundancy of the storage account.')
param storageSku 'Standard_LRS' | 'Standard_ZRS' | 'Standard_GRS' | 'Standard_GZRS' = 'Standard_ZRS'
@description('Days for which deleted blobs can be brought back. What retention deletes is gone for good after these.')
param softDeleteDays recoveryDays = 7
@description('What is logged of the archive: deletes; all, which adds reads, writes and the platform\'s own logs of the gateway; or off.')
param auditLogs 'deletes' | 'all' | 'off' = 'deletes'
@description('Puts a lock on the storage account: nobody deletes it, azd down included, before the lock is lifted.')
param archiveLock switchValue = 'false'
@description('Puts storage and model behind private endpoints, and the gateway into a virtual network.')
param vnetEnabled switchValue = 'false'
@description('Address range of the virtual network.')
param vnetAddressPrefix string = '10.60.0.0/16'
@description('Part of it for the private endpoints.')
param vnetEndpointsPrefix string = '10.60.1.0/24'
@description('Part of it for the gateway.')
param vnetGatewayPrefix string = '10.60.2.0/24'
@description('Resource id of a subnet of your own for the private endpoints; with vnetGatewaySubnetId, no network is made.')
param vnetEndpointsSubnetId string = ''
@description('Resource id of a subnet of your own for the gateway, delegated to Microsoft.App/environments.')
param vnetGatewaySubnetId string = ''
@description('Resource id of the resource group that has your private DNS zones; none where a policy registers endpoints; empty to make zones.')
param privateDnsZones string = ''
@description('Makes a network security group with the rule that clients need (FIREWALL.md).')
param clientNsgEnabled switchValue = 'false'
@description('Makes an Azure Firewall policy with the rule that clients need (FIREWALL.md).')
param clientFirewallPolicyEnabled switchValue = 'false'
@description('Address ranges of the clients, comma-separated, for the firewall policy.')
param clientRanges string = '10.0.0.0/8'
@description('Resource id of a firewall policy that the clients\' policy inherits from; empty for none.')
param clientFirewallBasePolicyId string = ''
@description('Domain of your own for the site, such as voice.example.com; its CNAME record must lead to the site already.')
param siteDomain string = ''
@description('Resource id of a Log Analytics workspace of your own; empty to make one.')
param logWorkspaceId string = ''
@description('Who gets mail from alerts and budget; empty for nobody.')
param alertEmail string = ''
@description('Budget for the resource group a month, in the subscription\'s currency; 0 for none. Needs alertEmail.')
param monthlyBudget notNegative = 0
@description('First day of the budget\'s first month, such as 2026-11-01. A hook writes it once; Azure lets nobody change it.')
param budgetStartDate string = ''
@description('Days for which logs are kept.')
param logRetentionDays logDays = 30
@description('GB of logs a day, after which ingestion stops until the next, and every alert that reads logs is blind.')
param logDailyCapGb atLeastOne = 5

// ---- Wiring -----------------------------------------------------------------------------------------------------------

var tags = union(extraTags, { 'azd-env-name': environmentName })
var models = loadJsonContent('models.json')
var on = ['true', 'on']
// Calls that an instance observes at a time: host.json, batchSize and newBatchThreshold.
var observersPerInstance = 256

// Sweden Central builds no static sites; West Europe is the nearest that does.
var nearestSiteRegion = location == 'swedencentral' ? 'westeurope' : 'eastus2'
var place placeSettings = {
  region: empty(appLocation) ? location : toLower(replace(appLocation, ' ', ''))
  tags: tags
  nameSuffix: uniqueString(subscription().id, environmentName, location)
}
var site siteSettings = {
  region: empty(siteLocation) ? nearestSiteRegion : toLower(replace(siteLocation, ' ', ''))
  domain: siteDomain
  allowedOrigins: empty(allowedOrigins) ? [] : split(allowedOrigins, ',')
}
var voice = {
  name: empty(realtimeDeployment) ? realtimeModel : realtimeDeployment
  model: realtimeModel
  version: empty(realtimeModelVersion) ? models.realtime[realtimeModel].version : realtimeModelVersion
  capacity: realtimeCapacity
}
var transcription = {
  name: empty(transcriptionDeployment) ? transcriptionModel : transcriptionDeployment
  model: transcriptionModel
  version: empty(transcriptionModelVersion) ? models.transcription[transcriptionModel].version : transcriptionModelVersion
  capacity: transcriptionCapacity == 0 ? models.transcription[transcriptionModel].capacity : transcriptionCapacity
}
var model modelSettings = {
  existingAccountId: existingAccountId
  region: empty(modelLocation) ? location : toLower(replace(modelLocation, ' ', ''))
  role: modelRole
  publicNetworkAccess: contains(on, modelPublicNetworkAccess)
  deployments: [voice, transcription]
  furtherEndpoints: empty(realtimeFallbackEndpoints) ? [] : split(realtimeFallbackEndpoints, ',')
  apiKeySecretUri: realtimeApiKeySecretUri
}
var storage storageSettings = {
  skuName: storageSku
  archiveRetentionDays: archiveRetentionDays
  softDeleteDays: softDeleteDays
  audit: auditLogs
  locked: contains(on, archiveLock)
}
var gateway gatewaySettings = {
  pythonVersion: pythonVersion
  instanceMemoryMB: instanceMemoryMB
  maximumInstanceCount: maximumInstanceCount
  httpConcurrency: httpConcurrency
  alwaysReadyHttp: alwaysReadyHttp
  alwaysReadyObserver: alwaysReadyObserver
}
var network networkSettings = {
  enabled: contains(on, vnetEnabled)
  addressPrefix: vnetAddressPrefix
  endpointsPrefix: vnetEndpointsPrefix
  gatewayPrefix: vnetGatewayPrefix
  endpointsSubnetId: vnetEndpointsSubnetId
  gatewaySubnetId: vnetGatewaySubnetId
  dnsZones: privateDnsZones
}
var clients clientSettings = {
  securityGroup: contains(on, clientNsgEnabled)
  firewallPolicy: contains(on, clientFirewallPolicyEnabled)
  ranges: split(clientRanges, ',')
  basePolicyId: clientFirewallBasePolicyId
}
var watching watchingSettings = {
  workspaceId: logWorkspaceId
  retentionDays: logRetentionDays
  dailyCapGb: logDailyCapGb
  email: alertEmail
  observerCapacity: (maximumInstanceCount + alwaysReadyObserver) * observersPerInstance
  monthlyBudget: monthlyBudget
  budgetStartDate: budgetStartDate
  workbookName: 'Switchboard calls (${environmentName})'
  telemetry: telemetry
  otlpHeadersSecretUri: otlpHeadersSecretUri
}
var directAudiences = empty(directGatewayAudiences) ? '${directGatewayClientId},api://${directGatewayClientId}' : directGatewayAudiences
var direct directSettings = {
  enabled: directGateway == 'true'
  clientId: directGatewayClientId
  audiences: split(directAudiences, ',')
  applications: split(directGatewayApplications, ',')
}
// App settings that are what a parameter says. Those that depend on what is made are added in modules/switchboard.bicep.
var settings = {
  ARCHIVE_RETENTION_DAYS: string(archiveRetentionDays)
  ARCHIVE_TRANSCRIPTS: archiveTranscripts
  BUDGET_ENDS_CALLS: budgetEndsCalls
  CLIENT_SECRET_SECONDS: string(clientSecretSeconds)
  CONSENT_NOTICE: consentNotice
  CONTINUE_SECONDS: string(continueSeconds)
  DAILY_BUDGET: dailyBudget
  DAILY_SECONDS_PER_CALLER: string(dailySecondsPerCaller)
  MAX_CALLS: string(maxCalls)
  MAX_CALLS_PER_CALLER: string(maxCallsPerCaller)
  MAX_CALL_SECONDS: string(maxCallSeconds)
  MAX_IDLE_SECONDS: string(maxIdleSeconds)
  MAX_TOKENS_PER_MINUTE: string(maxTokensPerMinute)
  MAX_TOOL_CALLS: string(maxToolCalls)
  MAX_TOOL_ROUNDS: string(maxToolRounds)
  OPENAI_CLIENTS: openaiClients
  OPERATOR_ROLE: operatorRole
  OTEL_EXPORTER_OTLP_ENDPOINT: otlpEndpoint
  PRICES: empty(prices) ? '' : string(prices)
  REALTIME_DEPLOYMENT: voice.name
  REALTIME_PROTOCOL: realtimeProtocol
  REALTIME_SPREAD: realtimeSpread
  REALTIME_TOKEN_SCOPE: realtimeTokenScope
  REALTIME_WEBRTC_FILTER: realtimeWebrtcFilter
  REQUIRE_SIGN_IN: requireSignIn
  SESSION_CONFIG: string(sessionConfig)
  SESSION_INSTRUCTIONS: sessionInstructions
  SESSION_TRANSCRIPTION_DEPLOYMENT: transcription.name
  SESSION_VOICE: sessionVoice
  SIGNALLING: signalling
  TELEMETRY: telemetry
  TOKEN_SECONDS: string(tokenSeconds)
  TOOL_HTTP_HEADERS: toolHttpHeaders
  TOOL_HTTP_HOSTS: toolHttpHosts
  TOOL_SECONDS: string(toolSeconds)
}

resource group 'Microsoft.Resources/resourceGroups@2025-04-01' = {
  name: empty(resourceGroupName) ? 'rg-${environmentName}' : resourceGroupName
  location: location
  tags: tags
}

module switchboard 'modules/switchboard.bicep' = {
  scope: group
  params: {
    place: place
    site: site
    model: model
    storage: storage
    gateway: gateway
    network: network
    clients: clients
    watching: watching
    direct: direct
    settings: settings
    // azd always names whoever is signed in: a pipeline's principal gets no standing access to what callers said.
    developerPrincipalId: contains(on, developerAccess) && principalType == 'User' ? principalId : ''
  }
}

// ---- Outputs: azd keeps them in the environment, for its hooks and for you --------------------------------------------

@description('Region of what has no region of its own.')
output AZURE_LOCATION string = location
@description('Tenant.')
output AZURE_TENANT_ID string = tenant().tenantId
@description('Resource group.')
output AZURE_RESOURCE_GROUP string = group.name
@description('Blob endpoint of the archive.')
output AZURE_STORAGE_BLOB_ENDPOINT string = switchboard.outputs.blobEndpoint
@description('Container of the archive.')
output AZURE_STORAGE_ARCHIVE_CONTAINER string = switchboard.outputs.archiveContainer
@description('Endpoint of the model account.')
output AZURE_OPENAI_ENDPOINT string = switchboard.outputs.modelEndpoint
@description('Deployment of the voice model.')
output AZURE_OPENAI_DEPLOYMENT string = voice.name
@description('Deployment of the transcription model.')
output AZURE_OPENAI_TRANSCRIPTION_DEPLOYMENT string = transcription.name
@description('Region of the model account.')
output AZURE_OPENAI_REGION string = switchboard.outputs.modelRegion
@description('Service tag for the clients\' firewall rule.')
output CLIENT_SERVICE_TAG string = 'AzureCloud.${switchboard.outputs.modelRegion}'
@description('Name of the function app.')
output SERVICE_API_NAME string = switchboard.outputs.gatewayName
@description('Address of the function app; it answers through the site only.')
output SERVICE_API_URI string = switchboard.outputs.gatewayUri
@description('Address of the direct gateway; empty where there is none.')
output SERVICE_DIRECT_URI string = switchboard.outputs.directUri
@description('Name of the static site.')
output SERVICE_WEB_NAME string = switchboard.outputs.siteName
@description('Address to open.')
output SERVICE_WEB_URI string = switchboard.outputs.siteUri
@description('Whether whoever provisioned was given the data roles of a developer.')
output DEVELOPER_HAS_ACCESS bool = contains(on, developerAccess) && principalType == 'User'
@description('What the gateway was given, for the site\'s configuration: the endpoints.')
output GATEWAY_ENDPOINTS string = switchboard.outputs.endpoints
@description('What the gateway was given, for the site\'s configuration: the protocol.')
output GATEWAY_PROTOCOL string = realtimeProtocol
@description('What the gateway was given, for the site\'s configuration: the way of signalling.')
output GATEWAY_SIGNALLING string = signalling
@description('What the gateway was given, for the site\'s configuration: whether callers must sign in.')
output GATEWAY_REQUIRE_SIGN_IN bool = contains(on, requireSignIn)
@description('What the gateway was given, for the site\'s configuration: the operators\' role.')
output GATEWAY_OPERATOR_ROLE string = operatorRole
