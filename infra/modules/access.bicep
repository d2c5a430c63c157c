metadata description = 'Every role assignment on what this template makes, except the one on the model account (access-model.bicep). Why each: roles.json.'

@description('Name of the storage account.')
param storageName string

@description('Name of the Application Insights component.')
param insightsName string

@description('Object id of the gateway\'s identity.')
param gatewayPrincipalId string

@description('Object id of the person who provisions; empty for nobody.')
param developerPrincipalId string

var roles = loadJsonContent('../roles.json')
var gatewayStorageRoles = [
  roles.storageBlobDataOwner.id
  roles.storageQueueDataContributor.id
]
var publisherRole = roles.monitoringMetricsPublisher.id
var developerStorageRoles = [
  roles.storageBlobDataContributor.id
  roles.storageQueueDataContributor.id
]

resource storage 'Microsoft.Storage/storageAccounts@2025-06-01' existing = {
  name: storageName
}

resource insights 'Microsoft.Insights/components@2020-02-02' existing = {
  name: insightsName
}

resource gatewayOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in gatewayStorageRoles: {
  scope: storage
  name: guid(storage.id, gatewayPrincipalId, role)
  properties: {
    principalId: gatewayPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]

resource gatewayOnInsights 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: insights
  name: guid(insights.id, gatewayPrincipalId, publisherRole)
  properties: {
    principalId: gatewayPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', publisherRole)
  }
}

resource developerOnStorage 'Microsoft.Authorization/roleAssignments@2022-04-01' = [for role in developerStorageRoles: if (!empty(developerPrincipalId)) {
  scope: storage
  name: guid(storage.id, developerPrincipalId, role)
  properties: {
    principalId: developerPrincipalId
    principalType: 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', role)
  }
}]
