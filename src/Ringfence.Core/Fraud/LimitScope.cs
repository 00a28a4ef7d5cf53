using System.Runtime.CompilerServices;

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

/// <summary>One of something for each <see cref="LimitScope"/>.</summary>
/// <remarks>In its owner and no object of its own: a call has two of them, and millions of calls have one each for the collector otherwise.</remarks>
[InlineArray((int)LimitScope.Site + 1)]
internal struct ByScope<T>
{
    private T _first;
}
