metadata description = 'What the resource group holds, and how it hangs together.'

import { placeSettings, siteSettings, modelSettings, storageSettings, gatewaySettings, gatewayParts } from '../types.bicep'
import { networkSettings, clientSettings, watchingSettings, directSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings
@description('The static site.')
param site siteSettings
@description('The model account.')
param model modelSettings
@description('The storage account.')
param storage storageSettings
@description('Size of the gateway.')
param gateway gatewaySettings
@description('The network.')
param network networkSettings
@description('The rule that clients need.')
param clients clientSettings
@description('Logs, alerts and the budget.')
param watching watchingSettings
@description('The direct gateway.')
param direct directSettings
@description('App settings that are what a parameter of the environment says, by their names in the code.')
param settings object
@description('Object id of the person who provisions; empty for nobody.')
param developerPrincipalId string

var archive = 'archive'
var packages = 'packages'
var directPackages = 'packages-direct'
// The host would make the poison queues at the first failure. Made here, they can be looked at from the first day.
var queues = ['observe-calls', 'observe-calls-poison', 'call-summaries', 'call-summaries-poison']
// The only port of the media: the service's SDP answers offer no other, over UDP and TCP.
var mediaPort = 3478
// The account's place is cut out of a resource id that is there in either case.
var ownAccount = empty(model.existingAccountId)
var accountName = 'cog-${place.nameSuffix}'
var accountPath = split(ownAccount ? resourceId('Microsoft.CognitiveServices/accounts', accountName) : model.existingAccountId, '/')

module identity 'identity.bicep' = {
  params: { place: place }
}

module monitoring 'monitoring.bicep' = {
  params: { place: place, watching: watching }
}

module storageAccount 'storage.bicep' = {
  params: {
    place: place
    storage: storage
    publicNetworkAccess: !network.enabled
    containers: direct.enabled ? [archive, packages, directPackages] : [archive, packages]
    archiveContainer: archive
    queues: queues
    workspaceId: monitoring.outputs.workspaceId
  }
}

module modelAccount 'model.bicep' = if (ownAccount) {
  params: { name: accountName, tags: place.tags, model: model, workspaceId: monitoring.outputs.workspaceId }
}

module existingModel 'model-existing.bicep' = if (!ownAccount) {
  scope: resourceGroup(accountPath[2], accountPath[4])
  params: { name: accountPath[8] }
}

var accountId = ownAccount ? modelAccount!.outputs.id : ''
var accountEndpoint = ownAccount ? modelAccount!.outputs.endpoint : existingModel!.outputs.endpoint
var accountRegion = ownAccount ? model.region : existingModel!.outputs.location
var endpointList = join(concat([accountEndpoint], model.furtherEndpoints), ',')

module access 'access.bicep' = {
  params: {
    storageName: storageAccount.outputs.name
    insightsName: monitoring.outputs.insightsName
    gatewayPrincipalId: identity.outputs.principalId
    developerPrincipalId: developerPrincipalId
  }
}

module modelAccess 'access-model.bicep' = {
  scope: resourceGroup(accountPath[2], accountPath[4])
  params: {
    accountName: accountPath[8]
    role: model.role
    gatewayPrincipalId: identity.outputs.principalId
    developerPrincipalId: developerPrincipalId
  }
  dependsOn: [modelAccount]
}

module privateNetwork 'network.bicep' = if (network.enabled) {
  params: {
    place: place
    network: network
    storageId: storageAccount.outputs.id
    // Somebody else's account has its endpoints already, or needs none.
    accountId: accountId
  }
}

module staticSite 'site.bicep' = {
  params: { region: site.region, place: place }
}

module ownDomain 'site-domain.bicep' = if (!empty(site.domain)) {
  params: { siteName: staticSite.outputs.name, domain: site.domain }
}

var siteOrigins = empty(site.domain) ? [staticSite.outputs.uri] : [staticSite.outputs.uri, 'https://${site.domain}']
// What the settings say of what is made here.
var placeInSettings = {
  ALLOWED_ORIGINS: join(concat(siteOrigins, site.allowedOrigins), ',')
  ARCHIVE_CONTAINER: archive
  REALTIME_ENDPOINT: endpointList
  REALTIME_REGION: accountRegion
}
var apiKey = '@Microsoft.KeyVault(SecretUri=${model.apiKeySecretUri})'
var apiKeySetting = empty(model.apiKeySecretUri) ? {} : { REALTIME_API_KEY: apiKey }
var otlpHeaders = '@Microsoft.KeyVault(SecretUri=${watching.otlpHeadersSecretUri})'
var otlpHeadersSetting = empty(watching.otlpHeadersSecretUri) ? {} : { OTEL_EXPORTER_OTLP_HEADERS: otlpHeaders }
// With an endpoint the host sends its own spans there too. With Application Insights it stays as it is: its own way knows
// queue triggers, which OpenTelemetry in the host does not yet, and the alerts read its log.
var hostTelemetry = {
  AzureFunctionsJobHost__telemetryMode: 'OpenTelemetry'
  OTEL_EXPORTER_OTLP_PROTOCOL: 'http/protobuf'
}
var telemetrySettings = union(otlpHeadersSetting, watching.telemetry == 'otlp' ? hostTelemetry : {})
var appSettings = union(settings, placeInSettings, apiKeySetting, telemetrySettings)
var parts gatewayParts = {
  identityId: identity.outputs.id
  identityClientId: identity.outputs.clientId
  storageName: storageAccount.outputs.name
  insightsName: monitoring.outputs.insightsName
  workspaceId: storage.audit == 'all' ? monitoring.outputs.workspaceId : ''
  subnetId: network.enabled ? privateNetwork!.outputs.gatewaySubnetId : ''
}

module app 'gateway.bicep' = {
  params: {
    service: 'api'
    place: place
    gateway: gateway
    parts: parts
    packageContainer: packages
    settings: union(appSettings, { DIRECT_GATEWAY: 'false' })
  }
  // Roles take a while to spread. Made before the app, they have its creation as a head start.
  dependsOn: [access, modelAccess]
}

module directApp 'gateway.bicep' = if (direct.enabled) {
  params: {
    service: 'direct'
    place: place
    gateway: gateway
    parts: parts
    packageContainer: directPackages
    settings: union(appSettings, { DIRECT_GATEWAY: 'true' })
  }
  dependsOn: [access, modelAccess]
}

module directAuthentication 'direct-authentication.bicep' = if (direct.enabled) {
  params: { appName: directApp!.outputs.name, direct: direct }
}

module siteLink 'site-link.bicep' = {
  params: { siteName: staticSite.outputs.name, backendId: app.outputs.id, backendLocation: place.region }
}

module alerts 'alerts.bicep' = {
  params: {
    place: place
    watching: watching
    insightsId: monitoring.outputs.insightsId
    workspaceId: monitoring.outputs.workspaceId
  }
}

module metricAlerts 'alerts-metrics.bicep' = {
  params: {
    place: place
    watching: watching
    peopleId: alerts.outputs.peopleId
    gatewayId: app.outputs.id
    storageId: storageAccount.outputs.id
    accountId: accountId
  }
}

module workbook 'workbook.bicep' = {
  params: { displayName: watching.workbookName, place: place, insightsId: monitoring.outputs.insightsId }
}

module budget 'budget.bicep' = if (watching.monthlyBudget > 0 && !empty(watching.email)) {
  params: { name: 'budget-${place.nameSuffix}', watching: watching }
}

module clientsNsg 'clients-nsg.bicep' = if (clients.securityGroup) {
  params: {
    name: 'nsg-clients-${place.nameSuffix}'
    location: place.region
    tags: place.tags
    modelLocation: accountRegion
    mediaPort: mediaPort
  }
}

module clientsFirewall 'clients-firewall.bicep' = if (clients.firewallPolicy) {
  params: {
    name: 'afwp-clients-${place.nameSuffix}'
    location: place.region
    tags: place.tags
    basePolicyId: clients.basePolicyId
    clientRanges: clients.ranges
    modelLocation: accountRegion
    mediaPort: mediaPort
  }
}

@description('Blob endpoint of the storage account, with a slash at the end.')
output blobEndpoint string = storageAccount.outputs.blobEndpoint
@description('Container of the archive.')
output archiveContainer string = archive
@description('Endpoint of the model account.')
output modelEndpoint string = accountEndpoint
@description('Region of the model account.')
output modelRegion string = accountRegion
@description('Endpoints that the gateway uses, with commas between.')
output endpoints string = endpointList
@description('Name of the function app.')
output gatewayName string = app.outputs.name
@description('Address of the function app.')
output gatewayUri string = app.outputs.uri
@description('Address of the direct gateway; empty where there is none.')
output directUri string = direct.enabled ? directApp!.outputs.uri : ''
@description('Name of the static site.')
output siteName string = staticSite.outputs.name
@description('Address of the static site.')
output siteUri string = staticSite.outputs.uri
