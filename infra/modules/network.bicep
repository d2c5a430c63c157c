metadata description = 'A virtual network: one subnet that the gateway sends from, one for the private endpoints.'

@description('Name of the virtual network.')
param name string

@description('Name of the network security group of its subnets.')
param securityGroupName string

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

// No rules of its own: Azure's default rules let the subnets talk to each other and out, and nothing in.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: securityGroupName
  location: location
  tags: tags
  properties: {}
}

resource network 'Microsoft.Network/virtualNetworks@2025-05-01' = {
  name: name
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

@description('Resource id of the virtual network.')
output id string = network.id

@description('Subnet that the gateway sends from.')
output gatewaySubnetId string = '${network.id}/subnets/gateway'

@description('Subnet of the private endpoints.')
output endpointsSubnetId string = '${network.id}/subnets/endpoints'
