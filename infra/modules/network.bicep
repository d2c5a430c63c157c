metadata description = 'A virtual network: one subnet that the gateway sends from, one for the private endpoints of storage and model.'

import { placeSettings, networkSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('Address ranges of a network that is made, or subnets and DNS zones that are there already.')
param network networkSettings

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
  { name: 'pep-blob-${place.nameSuffix}', target: storageId, group: 'blob', zones: [blobZone] }
  // Without this one the triggers stop.
  { name: 'pep-queue-${place.nameSuffix}', target: storageId, group: 'queue', zones: [queueZone] }
]
var accountEndpoint = { name: 'pep-account-${place.nameSuffix}', target: accountId, group: 'account', zones: accountZones }

var ownNetwork = empty(network.gatewaySubnetId)

// No rules of its own: Azure's default rules let the subnets talk to each other and out, and nothing in.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = if (ownNetwork) {
  name: 'nsg-${place.nameSuffix}'
  location: place.region
  tags: place.tags
  properties: {}
}

resource virtualNetwork 'Microsoft.Network/virtualNetworks@2025-05-01' = if (ownNetwork) {
  name: 'vnet-${place.nameSuffix}'
  location: place.region
  tags: place.tags
  properties: {
    addressSpace: {
      addressPrefixes: [network.addressPrefix]
    }
    // In the network's own body: as resources of their own, subnets vanish for a moment with every provisioning.
    subnets: [
      {
        name: 'endpoints'
        properties: {
          // Nothing in this subnet sends anything: it needs no way out.
          defaultOutboundAccess: false
          addressPrefix: network.endpointsPrefix
          networkSecurityGroup: {
            id: securityGroup.id
          }
        }
      }
      {
        name: 'gateway'
        properties: {
          addressPrefix: network.gatewayPrefix
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

// A subnet's id begins with that of its network.
var networkId = ownNetwork ? virtualNetwork.id : split(network.endpointsSubnetId, '/subnets/')[0]

module endpoints 'private-endpoints.bicep' = {
  params: {
    place: place
    networkId: networkId
    subnetId: ownNetwork ? '${networkId}/subnets/endpoints' : network.endpointsSubnetId
    zones: concat([blobZone, queueZone], empty(accountId) ? [] : accountZones)
    zonesGroupId: network.dnsZones
    endpoints: concat(storageEndpoints, empty(accountId) ? [] : [accountEndpoint])
  }
}

@description('Subnet that the gateway sends from.')
output gatewaySubnetId string = ownNetwork ? '${networkId}/subnets/gateway' : network.gatewaySubnetId
