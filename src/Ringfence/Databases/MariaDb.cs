using System.Runtime.InteropServices;

namespace Ringfence.Databases;

/// <summary>The functions of MariaDB Connector/C that reading a table calls, and MySQL's own library has by the same names; see <see cref="MariaDbConnection"/> for their use.</summary>
/// <remarks>mariadb.com/kb/en/mariadb-connector-c, dev.mysql.com/doc/c-api. Numbers are those of both libraries' mysql.h, where nothing else is said.</remarks>
internal static unsafe partial class MariaDb
{
    public const int OptionConnectTimeout = 0;
    public const int OptionCharacterSet = 7;
    public const int OptionLocalInfile = 8;
    public const int OptionProtocol = 9;
    public const int OptionReadTimeout = 11;
    public const int OptionWriteTimeout = 12;

    /// <summary>Connector/C's alone: MySQL's have other numbers, and it prefers TLS by itself.</summary>
    public const int OptionVerifyCertificate = 21;

    /// <summary>Connector/C's alone.</summary>
    public const int OptionTls = 38;

    public const uint ProtocolTcp = 1;
    public const uint ProtocolSocket = 2;

    public const uint AccessDeniedToDatabase = 1044;
    public const uint AccessDenied = 1045;
    public const uint UnknownDatabase = 1049;
    public const uint AccessDeniedToTable = 1142;
    public const uint NoSuchTable = 1146;
    public const uint AccessDeniedWithoutPassword = 1698;

    // The soname of Connector/C 3, then those of MySQL 8.4, of 8.0, and of MariaDB 5.5 and MySQL 5.6.
    private const string Library = "libmariadb.so.3";

    private static readonly Lock Loading = new();
    private static nint _library;

    /// <summary>It is MariaDB's, not MySQL's. To be asked once it is loaded.</summary>
    public static bool IsConnector { get; private set; }

    /// <summary>Before anything else here is called; again and again does no harm.</summary>
    /// <exception cref="DatabaseException">It is not installed.</exception>
    public static void Load()
    {
        lock (Loading)
        {
            if (_library != 0)
            {
                return;
            }

            _library = ClientLibrary.Load([Library, "libmysqlclient.so.24", "libmysqlclient.so.21", "libmysqlclient.so.18"], "libmariadb3 (Debian, Ubuntu) or mariadb-connector-c (Rocky)");
            IsConnector = NativeLibrary.TryGetExport(_library, "mariadb_connection", out _);
            NativeLibrary.SetDllImportResolver(typeof(MariaDb).Assembly, static (name, _, _) => name == Library ? _library : 0);

            // mysql_init does it too, but of MySQL's library not for two threads at once. What fails here fails there again.
            _ = InitialiseLibrary(0, 0, 0);
        }
    }

    [LibraryImport(Library, EntryPoint = "mysql_thread_init")]
    public static partial byte BeginThread();

    [LibraryImport(Library, EntryPoint = "mysql_thread_end")]
    public static partial void EndThread();

    [LibraryImport(Library, EntryPoint = "mysql_init")]
    public static partial MariaDbHandle Initialise(nint memory);

    [LibraryImport(Library, EntryPoint = "mysql_options")]
    public static partial int SetOption(MariaDbHandle connection, int option, uint* value);

    [LibraryImport(Library, EntryPoint = "mysql_options", StringMarshalling = StringMarshalling.Utf8)]
    public static partial int SetOption(MariaDbHandle connection, int option, string value);

    [LibraryImport(Library, EntryPoint = "mysql_real_connect", StringMarshalling = StringMarshalling.Utf8)]
    public static partial nint Connect(MariaDbHandle connection, string? host, string user, string password, string database, uint port, string? socket, nuint flags);

    [LibraryImport(Library, EntryPoint = "mysql_close")]
    public static partial void Close(nint connection);

    [LibraryImport(Library, EntryPoint = "mysql_errno")]
    public static partial uint ErrorNumber(MariaDbHandle connection);

    [LibraryImport(Library, EntryPoint = "mysql_error")]
    public static partial nint ErrorMessage(MariaDbHandle connection);

    [LibraryImport(Library, EntryPoint = "mysql_real_query")]
    public static partial int Query(MariaDbHandle connection, byte* sql, nuint lengthBytes);

    [LibraryImport(Library, EntryPoint = "mysql_store_result")]
    public static partial MariaDbResultHandle StoreResult(MariaDbHandle connection);

    [LibraryImport(Library, EntryPoint = "mysql_free_result")]
    public static partial void FreeResult(nint result);

    [LibraryImport(Library, EntryPoint = "mysql_num_fields")]
    public static partial uint FieldCount(MariaDbResultHandle result);

    [LibraryImport(Library, EntryPoint = "mysql_fetch_field_direct")]
    public static partial MariaDbField* Field(MariaDbResultHandle result, uint field);

    /// <returns>A pointer for each field, null for NULL; null itself behind the last row.</returns>
    [LibraryImport(Library, EntryPoint = "mysql_fetch_row")]
    public static partial byte** FetchRow(MariaDbResultHandle result);

    [LibraryImport(Library, EntryPoint = "mysql_fetch_lengths")]
    public static partial nuint* FetchLengths(MariaDbResultHandle result);

    [LibraryImport(Library, EntryPoint = "mysql_server_init")]
    private static partial int InitialiseLibrary(int count, nint arguments, nint groups);
}

/// <summary>MYSQL_FIELD of mysql.h, which is the same in MariaDB Connector/C 3 and in MySQL 5.5 to 8.4.</summary>
[StructLayout(LayoutKind.Sequential)]
internal struct MariaDbField
{
    public nint Name;
    public nint OriginalName;
    public nint Table;
    public nint OriginalTable;
    public nint Database;
    public nint Catalogue;
    public nint Default;
    public nuint Length;
    public nuint LongestLength;
    public uint NameLength;
    public uint OriginalNameLength;
    public uint TableLength;
    public uint OriginalTableLength;
    public uint DatabaseLength;
    public uint CatalogueLength;
    public uint DefaultLength;
    public uint Flags;
    public uint Decimals;
    public uint CharacterSet;
    public int Type;
    public nint Extension;
}

/// <summary>A connection (MYSQL*), open or not yet.</summary>
internal sealed class MariaDbHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MariaDb.Close(handle);
        return true;
    }
}

/// <summary>An answer (MYSQL_RES*), which needs its connection no more.</summary>
internal sealed class MariaDbResultHandle() : SafeHandle(0, ownsHandle: true)
{
    public override bool IsInvalid => handle == 0;

    protected override bool ReleaseHandle()
    {
        MariaDb.FreeResult(handle);
        return true;
    }
}
