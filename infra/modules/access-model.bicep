metadata description = 'The role assignments on the model account, which may lie in another resource group or subscription. Why: roles.json.'

@description('Name of the account, in the resource group that this module is deployed to.')
param accountName string

@description('Which role lets the gateway and the developer make calls.')
@allowed(['cognitiveServicesOpenAIUser', 'cognitiveServicesUser'])
param role string

@description('Object id of the gateway\'s identity.')
param gatewayPrincipalId string

@description('Object id of the person who provisions; empty for nobody.')
param developerPrincipalId string

var roles = loadJsonContent('../roles.json')
var roleId = roles[role].id

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' existing = {
  name: accountName
}

resource gatewayOnAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = {
  scope: account
  name: guid(account.id, gatewayPrincipalId, roleId)
  properties: {
    principalId: gatewayPrincipalId
    principalType: 'ServicePrincipal'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}

resource developerOnAccount 'Microsoft.Authorization/roleAssignments@2022-04-01' = if (!empty(developerPrincipalId)) {
  scope: account
  name: guid(account.id, developerPrincipalId, roleId)
  properties: {
    principalId: developerPrincipalId
    principalType: 'User'
    roleDefinitionId: subscriptionResourceId('Microsoft.Authorization/roleDefinitions', roleId)
  }
}
