namespace Ringfence.Core.Wire;

/// <summary>Which one is read of the bytes that were written more than once for the same place.</summary>
internal enum TcpVersion
{
    /// <summary>That which the kernel takes, if none of them was dropped on its way to there.</summary>
    First,

    /// <summary>What came last: all before it were dropped.</summary>
    Last,

    Second,

    Third,

    Fourth,

    /// <summary>Not the same everywhere.</summary>
    Mixed,
}
