namespace Ringfence.Databases;

/// <summary>What a server says no to, where something can be done about it.</summary>
internal enum DatabaseRefusal
{
    /// <summary>None of the others: it is away, hangs, or is asked for what it does not know.</summary>
    Other,

    /// <summary>The user, his password, or the user's access to the database.</summary>
    User,

    /// <summary>The table, to this user.</summary>
    TableAccess,

    /// <summary>There is no such table.</summary>
    Table,

    /// <summary>There is no such database.</summary>
    Database,
}

/// <summary>A server can't be asked, in its own words or those of its library, or there is no library to ask it by.</summary>
internal sealed class DatabaseException(string message, DatabaseRefusal refusal = DatabaseRefusal.Other) : Exception(message)
{
    public DatabaseRefusal Refusal { get; } = refusal;

    public static DatabaseException NoAnswer(TimeSpan limit) => new($"no answer within {limit.TotalSeconds:0.#} s");
}
