metadata description = 'A budget on the resource group: mail at 80 % spent, and when the month is forecast to end above it.'

import { watchingSettings } from '../types.bicep'

@description('Name of the budget.')
param name string

@description('Amount, first day, and who gets the mails.')
param watching watchingSettings

resource budget 'Microsoft.Consumption/budgets@2024-08-01' = {
  name: name
  properties: {
    category: 'Cost'
    amount: watching.monthlyBudget
    timeGrain: 'Monthly'
    timePeriod: {
      startDate: watching.budgetStartDate
    }
    notifications: {
      spent: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 80
        thresholdType: 'Actual'
        contactEmails: [watching.email]
      }
      forecast: {
        enabled: true
        operator: 'GreaterThan'
        threshold: 100
        thresholdType: 'Forecasted'
        contactEmails: [watching.email]
      }
    }
  }
}
