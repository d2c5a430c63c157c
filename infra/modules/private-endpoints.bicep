metadata description = 'Private endpoints with their DNS zones.'

import { placeSettings, endpointSettings } from '../types.bicep'

@description('Where resources go.')
param place placeSettings

@description('Resource id of the virtual network.')
param networkId string

@description('Subnet of the private endpoints.')
param subnetId string

@description('DNS zones of all endpoints.')
param zones string[]

@description('Resource id of the resource group that has the zones; empty to make them here; none where somebody else registers the endpoints.')
param zonesGroupId string

@description('What gets an endpoint.')
param endpoints endpointSettings[]

var ownZones = empty(zonesGroupId)
var registered = zonesGroupId != 'none'
// Cut out of an id that is there in every case.
var zonesPath = split(ownZones || !registered ? resourceGroup().id : zonesGroupId, '/')

resource dnsZones 'Microsoft.Network/privateDnsZones@2024-06-01' = [for zone in zones: if (ownZones) {
  name: zone
  location: 'global'
  tags: place.tags
}]

resource links 'Microsoft.Network/privateDnsZones/virtualNetworkLinks@2024-06-01' = [for (zone, i) in zones: if (ownZones) {
  parent: dnsZones[i]
  name: 'link-${uniqueString(networkId)}'
  location: 'global'
  tags: place.tags
  properties: {
    registrationEnabled: false
    virtualNetwork: {
      id: networkId
    }
  }
}]

resource privateEndpoints 'Microsoft.Network/privateEndpoints@2025-05-01' = [for (endpoint, i) in endpoints: {
  name: endpoint.name
  location: place.region
  tags: place.tags
  properties: {
    subnet: {
      id: subnetId
    }
    privateLinkServiceConnections: [
      {
        name: endpoint.name
        properties: {
          privateLinkServiceId: endpoints[i].target
          groupIds: [endpoint.group]
        }
      }
    ]
  }
}]

resource zoneGroups 'Microsoft.Network/privateEndpoints/privateDnsZoneGroups@2025-05-01' = [for (endpoint, i) in endpoints: if (registered) {
  parent: privateEndpoints[i]
  name: 'default'
  properties: {
    privateDnsZoneConfigs: [for zone in endpoint.zones: {
      name: replace(zone, '.', '-')
      properties: {
        privateDnsZoneId: resourceId(zonesPath[2], zonesPath[4], 'Microsoft.Network/privateDnsZones', zone)
      }
    }]
  }
  dependsOn: [dnsZones]
}]
