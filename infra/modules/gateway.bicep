metadata description = 'The gateway: a function app on Flex Consumption, with its settings. No keys, no passwords, no FTP.'

import { placeSettings, gatewaySettings, gatewayParts } from '../types.bicep'

@description('Which service of azure.yaml this app is: api is behind the site; direct has the routes of OpenAI\'s clients only.')
param service 'api' | 'direct'

@description('Where resources go.')
param place placeSettings

@description('Size and runtime.')
param gateway gatewaySettings

@description('What the app uses.')
param parts gatewayParts

@description('Container for the deployment package.')
param packageContainer string

@description('The settings that the code reads, by name.')
param settings object

// A scale group with no instance is left out: the list is for groups that have some.
var alwaysReadyForHttp = { name: 'http', instanceCount: gateway.alwaysReadyHttp }
var alwaysReadyForCalls = { name: 'function:observe_call', instanceCount: service == 'api' ? gateway.alwaysReadyObserver : 0 }
var alwaysReady = filter([alwaysReadyForHttp, alwaysReadyForCalls], group => group.instanceCount > 0)

// Both __credential and __clientId are needed for a user-assigned identity; the URIs also hold in sovereign clouds.
var platformSettings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${parts.identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  AZURE_CLIENT_ID: parts.identityClientId
  // Handlers that wait for the service run on threads; the worker's own number is five on one core.
  PYTHON_THREADPOOL_THREAD_COUNT: string(min(gateway.httpConcurrency, 32))
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__clientId: parts.identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: parts.storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: parts.insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: service == 'api' ? 'plan-${place.nameSuffix}' : 'plan-${service}-${place.nameSuffix}'
  location: place.region
  tags: place.tags
  kind: 'functionapp'
  sku: {
    name: 'FC1'
    tier: 'FlexConsumption'
  }
  properties: {
    reserved: true
  }
}

resource app 'Microsoft.Web/sites@2025-03-01' = {
  name: 'func-${service}-${place.nameSuffix}'
  location: place.region
  tags: union(place.tags, { 'azd-service-name': service })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${parts.identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: parts.identityId
    virtualNetworkSubnetId: empty(parts.subnetId) ? null : parts.subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: parts.identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: gateway.pythonVersion
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReady
        instanceMemoryMB: gateway.instanceMemoryMB
        maximumInstanceCount: gateway.maximumInstanceCount
        triggers: {
          http: {
            perInstanceConcurrency: gateway.httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }
}

// What belongs to the app is written one after the other: two changes of it at once meet "another operation is in progress".
// Deployment with publishing passwords is off; azd deploys with an Entra token.
resource noFtpPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'ftp'
  properties: {
    allow: false
  }
}

resource noScmPassword 'Microsoft.Web/sites/basicPublishingCredentialsPolicies@2025-03-01' = {
  parent: app
  name: 'scm'
  properties: {
    allow: false
  }
  dependsOn: [noFtpPassword]
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(platformSettings, settings)
  dependsOn: [noScmPassword]
}

resource platformLogs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = if (!empty(parts.workspaceId)) {
  scope: app
  name: 'to-workspace'
  properties: {
    workspaceId: parts.workspaceId
    logs: [
      {
        categoryGroup: 'allLogs'
        enabled: true
      }
    ]
  }
  dependsOn: [appSettings]
}

@description('Resource id.')
output id string = app.id

@description('Name of the function app.')
output name string = app.name

@description('Its own address. The app behind the site refuses requests that do not come through it once the two are linked.')
output uri string = 'https://${app.properties.defaultHostName}'
