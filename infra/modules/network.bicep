metadata description = 'A virtual network: one subnet that the gateway sends from, one for the private endpoints of storage and model.'

@description('Last part of the names.')
param nameSuffix string

@description('Region.')
param location string

@description('Tags of every resource.')
param tags object

@description('Address range.')
param addressPrefix string

@description('Part of it for the private endpoints.')
param endpointsPrefix string

@description('Part of it for the gateway; a /27 at the least.')
param gatewayPrefix string

@description('Resource id of the storage account.')
param storageId string

@description('Resource id of the model account; empty for one that is none of ours.')
param accountId string

var blobZone = 'privatelink.blob.${environment().suffixes.storage}'
var queueZone = 'privatelink.queue.${environment().suffixes.storage}'
// Three names of one account: it answers to each.
var accountZones = [
  'privatelink.cognitiveservices.azure.com'
  'privatelink.openai.azure.com'
  'privatelink.services.ai.azure.com'
]
var storageEndpoints = [
  { name: 'pep-blob-${nameSuffix}', target: storageId, group: 'blob', zones: [blobZone] }
  // Without this one the triggers stop.
  { name: 'pep-queue-${nameSuffix}', target: storageId, group: 'queue', zones: [queueZone] }
]
var accountEndpoint = { name: 'pep-account-${nameSuffix}', target: accountId, group: 'account', zones: accountZones }

// No rules of its own: Azure's default rules let the subnets talk to each other and out, and nothing in.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: 'nsg-${nameSuffix}'
  location: location
  tags: tags
  properties: {}
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: 'vnet-${nameSuffix}'
  location: location
  tags: tags
  properties: {
    addressSpace: {
      addressPrefixes: [addressPrefix]
    }
    // In the network's own body: as resources of their own, subnets vanish for a moment with every provisioning.
    subnets: [
      {
        name: 'endpoints'
        properties: {
          addressPrefix: endpointsPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
        }
      }
      {
        name: 'gateway'
        properties: {
          addressPrefix: gatewayPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
          delegations: [
            {
              name: 'flex-consumption'
              properties: {
                serviceName: 'Microsoft.App/environments'
              }
            }
          ]
        }
      }
    ]
  }
}

module endpoints 'private-endpoints.bicep' = {
  params: {
    location: location
    tags: tags
    networkId: network.id
    subnetId: '${network.id}/subnets/endpoints'
    zones: concat([blobZone, queueZone], empty(accountId) ? [] : accountZones)
    endpoints: concat(storageEndpoints, empty(accountId) ? [] : [accountEndpoint])
  }
}

@description('Subnet that the gateway sends from.')
output gatewaySubnetId string = '${network.id}/subnets/gateway'
