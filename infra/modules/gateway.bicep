metadata description = 'The gateway: a function app on Flex Consumption, with its settings. No keys, no passwords, no FTP.'

@description('Name of the function app.')
param name string

@description('Name of its plan.')
param planName string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the identity it runs as.')
param identityId string

@description('Client id of that identity.')
param identityClientId string

@description('Name of the storage account.')
param storageName string

@description('Container for the deployment package.')
param packageContainer string

@description('Name of the Application Insights component.')
param insightsName string

@description('Subnet for what the app sends; empty for none.')
param subnetId string

@description('Python version.')
param pythonVersion string

@description('Memory of an instance.')
param instanceMemoryMB int

@description('Most instances of each function group.')
param maximumInstanceCount int

@description('How many HTTP requests an instance works on at a time.')
param httpConcurrency int

@description('Instances that always wait for HTTP requests.')
param alwaysReadyHttp int

@description('Instances that always wait for a call to observe.')
param alwaysReadyObserver int

@description('The settings that the code reads, by name.')
param settings object

// A scale group with no instance is left out: the list is for groups that have some.
var alwaysReadyForHttp = { name: 'http', instanceCount: alwaysReadyHttp }
var alwaysReadyForCalls = { name: 'function:observe_call', instanceCount: alwaysReadyObserver }
var alwaysReady = filter([alwaysReadyForHttp, alwaysReadyForCalls], group => group.instanceCount > 0)

// Both __credential and __clientId are needed for a user-assigned identity; the URIs also hold in sovereign clouds.
var platformSettings = {
  APPLICATIONINSIGHTS_AUTHENTICATION_STRING: 'ClientId=${identityClientId};Authorization=AAD'
  APPLICATIONINSIGHTS_CONNECTION_STRING: insights.properties.ConnectionString
  AZURE_CLIENT_ID: identityClientId
  // Handlers that wait for the service run on threads; the worker's own number is five on one core.
  PYTHON_THREADPOOL_THREAD_COUNT: string(min(httpConcurrency, 32))
  AzureWebJobsStorage__blobServiceUri: storage.properties.primaryEndpoints.blob
  AzureWebJobsStorage__clientId: identityClientId
  AzureWebJobsStorage__credential: 'managedidentity'
  AzureWebJobsStorage__queueServiceUri: storage.properties.primaryEndpoints.queue
}

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource plan 'Microsoft.Web/serverfarms@2025-03-01' = {
  name: planName
  location: location
  tags: tags
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
  name: name
  location: location
  tags: union(tags, { 'azd-service-name': 'api' })
  kind: 'functionapp,linux'
  identity: {
    type: 'UserAssigned'
    userAssignedIdentities: {
      '${identityId}': {}
    }
  }
  properties: {
    serverFarmId: plan.id
    httpsOnly: true
    keyVaultReferenceIdentity: identityId
    virtualNetworkSubnetId: empty(subnetId) ? null : subnetId
    functionAppConfig: {
      deployment: {
        storage: {
          type: 'blobContainer'
          value: '${storage.properties.primaryEndpoints.blob}${packageContainer}'
          authentication: {
            type: 'UserAssignedIdentity'
            userAssignedIdentityResourceId: identityId
          }
        }
      }
      runtime: {
        name: 'python'
        version: pythonVersion
      }
      scaleAndConcurrency: {
        alwaysReady: alwaysReady
        instanceMemoryMB: instanceMemoryMB
        maximumInstanceCount: maximumInstanceCount
        triggers: {
          http: {
            perInstanceConcurrency: httpConcurrency
          }
        }
      }
    }
    siteConfig: {
      ftpsState: 'Disabled'
      http20Enabled: true
      minTlsVersion: '1.2'
      scmMinTlsVersion: '1.2'
    }
  }
}

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
}

resource appSettings 'Microsoft.Web/sites/config@2025-03-01' = {
  parent: app
  name: 'appsettings'
  properties: union(platformSettings, settings)
}

@description('Resource id.')
output id string = app.id

@description('Name of the function app.')
output name string = app.name

@description('Its own address. Requests that do not come through the static site are refused once the two are linked.')
output uri string = 'https://${app.properties.defaultHostName}'
