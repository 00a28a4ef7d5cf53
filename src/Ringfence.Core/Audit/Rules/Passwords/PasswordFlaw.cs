namespace Ringfence.Core.Audit.Rules.Passwords;

/// <summary>What is worst about a password; a rule for each, so that one password is told of once.</summary>
internal enum PasswordFlaw
{
    None,
    IsAccount,
    Common,
    HoldsAccount,
    Pattern,
    Short,
    Guessable,
}
