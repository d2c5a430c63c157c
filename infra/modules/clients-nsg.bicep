metadata description = 'The rule for clients, as a network security group to put on the subnets where browsers run. See FIREWALL.md.'

@description('Name of the network security group.')
param name string

@description('Region of the subnets that it is meant for.')
param location string

@description('Tags of every resource.')
param tags object

@description('Region of the model account, as service tags have it: eastus2.')
param modelLocation string

@description('Port of the realtime media.')
param mediaPort int

// One rule for each protocol: a rule of a network security group has one protocol, or all of them.
resource securityGroup 'Microsoft.Network/networkSecurityGroups@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    securityRules: [for (protocol, i) in ['Udp', 'Tcp']: {
      name: 'AllowRealtimeMedia${protocol}Out'
      properties: {
        description: 'Realtime audio between browsers and the model (WebRTC, ${protocol} ${mediaPort}).'
        priority: 200 + i
        direction: 'Outbound'
        access: 'Allow'
        protocol: protocol
        sourceAddressPrefix: 'VirtualNetwork'
        sourcePortRange: '*'
        destinationAddressPrefix: 'AzureCloud.${modelLocation}'
        destinationPortRange: string(mediaPort)
      }
    }]
  }
}

@description('Resource id, to associate with the clients\' subnets.')
output id string = securityGroup.id
