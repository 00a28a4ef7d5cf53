using System.Runtime.InteropServices;

namespace Ringfence.Databases;

/// <summary>The functions of PostgreSQL's libpq that reading a table calls; see <see cref="LibpqConnection"/> for their use.</summary>
/// <remarks>postgresql.org/docs/current/libpq.html; numbers of libpq-fe.h and catalog/pg_type_d.h.</remarks>
internal static unsafe partial class Libpq
{
    public const int ConnectionBad = 1;
    public const int PollingFailed = 0;
    public const int PollingReading = 1;
    public const int PollingOk = 3;
    public const int CommandOk = 1;
    public const int TuplesOk = 2;

    /// <summary>Messages begin with their SQLSTATE, which nothing else tells of a connection that failed.</summary>
    public const int VerbosityVerbose = 2;

    public const int FieldSqlState = 'C';
    public const int FieldMessage = 'M';

    public const uint TypeInt8 = 20;
    public const uint TypeInt2 = 21;
    public const uint TypeInt4 = 23;
    public const uint TypeTimestampWithZone = 1184;

    public const short PollIn = 1;
    public const short PollOut = 4;

    // The soname since PostgreSQL 8.2.
    private const string Library = "libpq.so.5";

    /// <summary>Before anything else here is called; again and again does no harm.</summary>
    /// <exception cref="DatabaseException">It is not installed.</exception>
    public static void Load() => ClientLibrary.Load([Library], "libpq5 (Debian, Ubuntu) or libpq (Rocky)");

    /// <param name="keywords">With a null at its end, as <paramref name="values"/>.</param>
    /// <param name="expandDatabase">0: the database's name is no string of options.</param>
    [LibraryImport(Library, EntryPoint = "PQconnectStartParams", StringMarshalling = StringMarshalling.Utf8)]
    public static partial LibpqHandle StartConnecting(string?[] keywords, string?[] values, int expandDatabase);

    [LibraryImport(Library, EntryPoint = "PQconnectPoll")]
    public static partial int GoOnConnecting(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQfinish")]
    public static partial void Finish(nint connection);

    [LibraryImport(Library, EntryPoint = "PQstatus")]
    public static partial int Status(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQsocket")]
    public static partial int Socket(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQerrorMessage")]
    public static partial nint ErrorMessage(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQconnectionNeedsPassword")]
    public static partial int NeedsPassword(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQsetErrorVerbosity")]
    public static partial int SetVerbosity(LibpqHandle connection, int verbosity);

    [LibraryImport(Library, EntryPoint = "PQsetNoticeProcessor")]
    public static partial nint SetNoticeProcessor(LibpqHandle connection, delegate* unmanaged<nint, nint, void> processor, nint argument);

    [LibraryImport(Library, EntryPoint = "PQparameterStatus", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Parameter(LibpqHandle connection, string name);

    [LibraryImport(Library, EntryPoint = "PQsetnonblocking")]
    public static partial int SetNonBlocking(LibpqHandle connection, int isNonBlocking);

    [LibraryImport(Library, EntryPoint = "PQsendQueryParams", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SendQuery(LibpqHandle connection, string sql, int count, nint types, string[] values, nint lengths, nint formats, int resultFormat);

    /// <returns>0: all is sent; 1: not yet; -1: it failed.</returns>
    [LibraryImport(Library, EntryPoint = "PQflush")]
    public static partial int Flush(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQconsumeInput")]
    public static partial int ConsumeInput(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQisBusy")]
    public static partial int IsBusy(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQgetResult")]
    public static partial LibpqResultHandle Result(LibpqHandle connection);

    [LibraryImport(Library, EntryPoint = "PQclear")]
    public static partial void Clear(nint result);

    [LibraryImport(Library, EntryPoint = "PQresultStatus")]
    public static partial int ResultStatus(LibpqResultHandle result);

    [LibraryImport(Library, EntryPoint = "PQresultErrorField")]
    public static partial nint ErrorField(LibpqResultHandle result, int field);

    [LibraryImport(Library, EntryPoint = "PQntuples")]
    public static partial int RowCount(LibpqResultHandle result);

    [LibraryImport(Library, EntryPoint = "PQnfields")]
    public static partial int FieldCount(LibpqResultHandle result);

    [LibraryImport(Library, EntryPoint = "PQfname")]
    public static partial byte* FieldName(LibpqResultHandle result, int field);

    [LibraryImport(Library, EntryPoint = "PQftype")]
    public static partial uint FieldType(LibpqResultHandle result, int field);

    // As of SQLite's: each takes some nanoseconds, and a batch has thirty thousand cells.
    [LibraryImport(Library, EntryPoint = "PQgetisnull")]
    [SuppressGCTransition]
    public static partial int IsNull(LibpqResultHandle result, int row, int field);

    [LibraryImport(Library, EntryPoint = "PQgetlength")]
    [SuppressGCTransition]
    public static partial int Length(LibpqResultHandle result, int row, int field);

    [LibraryImport(Library, EntryPoint = "PQgetvalue")]
    [SuppressGCTransition]
    public static partial byte* Value(LibpqResultHandle result, int row, int field);

    [LibraryImport("libc", EntryPoint = "poll", SetLastError = true)]
    public static partial int Poll(PollDescriptor* descriptors, nuint count, int milliseconds);

    [StructLayout(LayoutKind.Sequential)]
    public struct PollDescriptor
    {
        public int Descriptor;
        public short Events;
        public short Returned;
    }
}

/// <summary>A connection (PGconn*), open or not yet.</summary>
internal sealed class LibpqHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Libpq.Finish(handle);
        return true;
    }
}

/// <summary>An answer (PGresult*), which needs its connection no more.</summary>
internal sealed class LibpqResultHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        Libpq.Clear(handle);
        return true;
    }
}
