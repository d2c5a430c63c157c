metadata description = 'The model account with its two deployments: the voice model, and the one that writes down what the caller said.'

import { modelSettings } from '../types.bicep'

@description('Name of the account, and its subdomain: Entra tokens work with a custom subdomain only.')
param name string

@description('Tags of every resource.')
param tags object

@description('Region, access and deployments of the account.')
param model modelSettings

@description('Workspace for the audit and request logs.')
param workspaceId string

resource account 'Microsoft.CognitiveServices/accounts@2025-06-01' = {
  name: name
  location: model.region
  tags: tags
  kind: 'AIServices'
  sku: {
    name: 'S0'
  }
  identity: {
    type: 'SystemAssigned'
  }
  properties: {
    customSubDomainName: name
    disableLocalAuth: true
    publicNetworkAccess: model.publicNetworkAccess ? 'Enabled' : 'Disabled'
    networkAcls: {
      defaultAction: model.publicNetworkAccess ? 'Allow' : 'Deny'
    }
  }
}

// One after the other: the service refuses two changes of one account at a time.
@batchSize(1)
resource deployment 'Microsoft.CognitiveServices/accounts/deployments@2025-06-01' = [for item in model.deployments: {
  parent: account
  name: item.name
  sku: {
    name: 'GlobalStandard'
    capacity: item.capacity
  }
  properties: {
    model: {
      format: 'OpenAI'
      name: item.model
      version: item.version
    }
    versionUpgradeOption: 'OnceCurrentVersionExpired'
  }
}]

resource logs 'Microsoft.Insights/diagnosticSettings@2021-05-01-preview' = {
  scope: account
  name: 'to-workspace'
  properties: {
    workspaceId: workspaceId
    logs: [
      {
        category: 'Audit'
        enabled: true
      }
      {
        category: 'RequestResponse'
        enabled: true
      }
    ]
  }
}

@description('Resource id.')
output id string = account.id

@description('Endpoint for REALTIME_ENDPOINT.')
output endpoint string = 'https://${account.properties.customSubDomainName}.openai.azure.com'
