metadata description = 'The rule for clients, as an Azure Firewall policy. It can inherit from the policy that is in force. See FIREWALL.md.'

@description('Name of the firewall policy.')
param name string

@description('Region of the policy; that of its base policy, where it has one.')
param location string

@description('Tags of every resource.')
param tags object

@description('Resource id of the policy to inherit from; empty for none.')
param basePolicyId string

@description('Address ranges of the clients, as CIDR.')
param clientRanges string[]

@description('Region of the model account, as service tags have it: eastus2.')
param modelLocation string

@description('Port of the realtime media.')
param mediaPort int

resource policy 'Microsoft.Network/firewallPolicies@2025-05-01' = {
  name: name
  location: location
  tags: tags
  properties: {
    sku: {
      tier: 'Standard'
    }
    threatIntelMode: 'Deny'
    basePolicy: empty(basePolicyId) ? null : { id: basePolicyId }
  }
}

resource rules 'Microsoft.Network/firewallPolicies/ruleCollectionGroups@2025-05-01' = {
  parent: policy
  name: 'realtime-media'
  properties: {
    priority: 300
    ruleCollections: [
      {
        ruleCollectionType: 'FirewallPolicyFilterRuleCollection'
        name: 'allow-realtime-media'
        priority: 310
        action: {
          type: 'Allow'
        }
        rules: [
          {
            ruleType: 'NetworkRule'
            name: 'realtime-media'
            description: 'Realtime audio between browsers and the model (WebRTC, UDP and TCP ${mediaPort}).'
            ipProtocols: ['UDP', 'TCP']
            sourceAddresses: clientRanges
            destinationAddresses: ['AzureCloud.${modelLocation}']
            destinationPorts: [string(mediaPort)]
          }
        ]
      }
    ]
  }
}

@description('Resource id, to assign to a firewall.')
output id string = policy.id
