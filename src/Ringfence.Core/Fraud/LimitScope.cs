namespace Ringfence.Core.Fraud;

/// <summary>For whom a limit counts together.</summary>
internal enum LimitScope
{
    Extension,

    /// <summary>One extension's calls to one country.</summary>
    ExtensionCountry,
    Trunk,
    Did,
    Account,
    Site,
}
